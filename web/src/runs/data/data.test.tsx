import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { JsonSchema } from "~/api/contract.ts";
import { type Json, parseJson } from "~/api/json.ts";
import { DataViewer } from "./DataViewer.tsx";
import { guessField, searchTree } from "./tree.ts";

function show(
  value: Json | undefined,
  onPick?: (path: (string | number)[]) => void,
  schema: JsonSchema | null = null,
) {
  return render(
    <I18nProvider i18n={i18n}>
      <MantineProvider>
        <DataViewer value={value} schema={schema} label="Output" {...(onPick && { onPick })} />
      </MantineProvider>
    </I18nProvider>,
  );
}

const order = parseJson(`{"id":820982911946154508,"total":10.10,
  "customer":{"name":"Inés"},"lines":[{"sku":"A","price":1.50},{"sku":"B","price":2.00}]}`);

describe("a search in run data", () => {
  const meant = (query: string) =>
    guessField(searchTree({ value: order }, query).rows, query)?.row.path;

  it("means the field of that name before one that only begins so, or holds it", () => {
    const value = parseJson(`{"subtotal":9,"total_tax":2,"lines":[{"total":4}],"total":10}`);
    const { rows } = searchTree({ value }, "Total");
    expect(guessField(rows, "Total")).toMatchObject({ row: { path: ["total"] }, distance: 0 });
    expect(guessField(rows, "total_")).toMatchObject({ row: { path: ["total_tax"] }, distance: 1 });
  });

  it("finds a field by its value where none is called so, and nothing where none is", () => {
    expect(meant("1.50")).toEqual(["lines", 0, "price"]);
    expect(meant("carrier")).toBeUndefined();
  });
});

describe("run data", () => {
  it("shows every number as it came, in each view", async () => {
    show(order);
    expect(screen.getByText("820982911946154508")).toBeDefined();
    expect(screen.getByText("10.10")).toBeDefined();
    await userEvent.click(screen.getByRole("radio", { name: "JSON" }));
    expect(screen.getByText(/"id": 820982911946154508/)).toBeDefined();
    expect(screen.getByText(/"total": 10\.10/)).toBeDefined();
  });

  it("offers a table for a list of objects, wherever in the data it is", async () => {
    show(order);
    await userEvent.click(screen.getByRole("radio", { name: "Table" }));
    const rows = screen.getAllByRole("row").map((row) => row.textContent);
    expect(rows).toEqual(["#skuprice", "1A1.50", "2B2.00"]);
  });

  it("is text, never markup", () => {
    const attack = `<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>`;
    const { container } = show({ note: attack, [attack]: 1 });
    expect(container.querySelector("img, script")).toBeNull();
    expect(screen.getAllByText(attack)).toHaveLength(2);
  });

  it("is walked with the arrow keys, and the chosen field is copied from there", async () => {
    const user = userEvent.setup();
    show(order);
    const tree = screen.getByRole("tree");
    const chosen = () =>
      document.getElementById(tree.getAttribute("aria-activedescendant") ?? "")?.textContent;
    tree.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(chosen()).toContain("Customer");
    const count = screen.getAllByRole("treeitem").length;
    await user.keyboard("{ArrowLeft}");
    expect(screen.getAllByRole("treeitem").length).toBe(count - 1);
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(chosen()).toContain("Inés");
    await user.click(screen.getByRole("button", { name: "Copy path" }));
    expect(await navigator.clipboard.readText()).toBe("customer.name");
    tree.focus();
    await user.keyboard("{Home}");
    await user.click(screen.getByRole("button", { name: "Copy value" }));
    expect(await navigator.clipboard.readText()).toBe("820982911946154508");
  });

  it("gives the path of a field that is picked", async () => {
    const onPick = vi.fn();
    show(order, onPick);
    await userEvent.click(screen.getByText("Inés"));
    expect(onPick).toHaveBeenCalledWith(["customer", "name"]);
  });

  it("draws of ten thousand rows those in sight, and finds any of them", async () => {
    show(Array.from({ length: 10_000 }, (_, index) => ({ sku: `A-${index}`, price: index })));
    expect(screen.getAllByRole("treeitem").length).toBeLessThan(60);
    expect(screen.getAllByRole("treeitem")[0]?.getAttribute("aria-setsize")).toBe("10000");
    await userEvent.type(screen.getByRole("searchbox"), "a-9999");
    expect(await screen.findByText("A-9999")).toBeDefined();
    await userEvent.click(screen.getByRole("radio", { name: "Table" }));
    expect(screen.getAllByRole("row").map((row) => row.textContent)).toEqual([
      "#skuprice",
      "10000A-99999999",
    ]);
  });

  it("shows the fields that a schema promises before there is any data", () => {
    const schema = {
      type: "object",
      properties: { total: { type: "number", title: "Grand total" }, tags: { type: "array" } },
    };
    show(undefined, undefined, schema);
    expect(screen.getAllByRole("treeitem").map((row) => row.textContent)).toEqual([
      "Grand total totalnumber",
      "Tags list",
    ]);
  });

  it("says what is empty", () => {
    show({ list: [], none: {}, text: "" });
    const tree = within(screen.getByRole("tree"));
    for (const words of ["empty list", "no fields", "empty text"]) {
      expect(tree.getByText(words)).toBeDefined();
    }
  });
});
