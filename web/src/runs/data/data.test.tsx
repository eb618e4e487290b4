import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { type Json, parseJson } from "~/api/json.ts";
import { DataViewer } from "./DataViewer.tsx";

function show(value: Json, onPick?: (path: (string | number)[]) => void) {
  return render(
    <I18nProvider i18n={i18n}>
      <MantineProvider>
        <DataViewer value={value} label="Output" {...(onPick && { onPick })} />
      </MantineProvider>
    </I18nProvider>,
  );
}

const order = parseJson(`{"id":820982911946154508,"total":10.10,
  "customer":{"name":"Inés"},"lines":[{"sku":"A","price":1.50},{"sku":"B","price":2.00}]}`);

describe("run data", () => {
  it("shows every number as it came, in each view", async () => {
    show(order);
    expect(screen.getByText("820982911946154508")).toBeDefined();
    expect(screen.getByText("10.10")).toBeDefined();
    await userEvent.click(screen.getByRole("radio", { name: "JSON" }));
    expect(screen.getByText(/"id": 820982911946154508/)).toBeDefined();
    expect(screen.getByText(/"total": 10\.10/)).toBeDefined();
  });

  it("offers a table for a list of objects", async () => {
    show((order as { lines: Json }).lines);
    await userEvent.click(screen.getByRole("radio", { name: "Table" }));
    const rows = screen.getAllByRole("row").map((row) => row.textContent);
    expect(rows).toEqual(["skuprice", "A1.50", "B2.00"]);
  });

  it("is text, never markup", () => {
    const attack = `<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>`;
    const { container } = show({ note: attack, [attack]: 1 });
    expect(container.querySelector("img, script")).toBeNull();
    expect(screen.getAllByText(attack)).toHaveLength(2);
  });

  it("is walked with the arrow keys", async () => {
    show(order);
    const items = () => screen.getAllByRole("treeitem");
    items()[0]?.focus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement?.textContent).toContain("customer");
    const count = items().length;
    await userEvent.keyboard("{ArrowLeft}");
    expect(items().length).toBe(count - 1);
    await userEvent.keyboard("{ArrowRight}{ArrowRight}");
    expect(document.activeElement?.textContent).toContain("Inés");
    await userEvent.keyboard("{ArrowLeft}");
    expect(document.activeElement?.textContent).toContain("customer");
    await userEvent.keyboard("{End}");
    expect(document.activeElement).toBe(items().at(-1));
  });

  it("gives the path of a field that is picked", async () => {
    const onPick = vi.fn();
    show(order, onPick);
    await userEvent.click(screen.getByText("Inés"));
    expect(onPick).toHaveBeenCalledWith(["customer", "name"]);
  });

  it("opens long lists bit by bit", async () => {
    show(Array.from({ length: 250 }, (_, index) => index));
    expect(screen.getAllByRole("treeitem")).toHaveLength(101);
    await userEvent.click(screen.getByText("Show more (150 left)"));
    expect(screen.getAllByRole("treeitem")).toHaveLength(201);
  });

  it("says what is empty", () => {
    show({ list: [], none: {}, text: "" });
    const tree = within(screen.getByRole("tree"));
    for (const words of ["empty list", "no fields", "empty text"]) {
      expect(tree.getByText(words)).toBeDefined();
    }
  });
});
