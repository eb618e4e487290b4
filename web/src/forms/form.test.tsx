import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import type { JsonSchema } from "~/api/contract";
import { type Json, parseJson, writeJson } from "~/api/json";
import { writeAt } from "~/model/pointer";
import { SchemaForm } from "./SchemaForm";
import { bareScope, type FormScope } from "./scope";

const schema: JsonSchema = {
  type: "object",
  required: ["text", "rules"],
  properties: {
    text: { type: "string", title: "Text", description: "What is said." },
    price: { type: "number", title: "Price" },
    count: { type: "integer", title: "Count" },
    urgent: { type: "boolean", title: "Urgent" },
    mode: { enum: ["add", "remove"], title: "Mode", default: "add" },
    tags: { type: "array", title: "Tags", items: { type: "string" } },
    fields: { type: "object", title: "Fields" },
    body: { title: "Body" },
    rules: {
      type: "array",
      title: "Rules",
      items: {
        type: "object",
        required: ["port", "when"],
        properties: {
          port: { type: "string", title: "Port" },
          when: { type: "boolean", title: "When" },
        },
      },
    },
    rare: { type: "string", title: "Rare", "x-tramo": { advanced: true } },
  },
};

const order = {
  name: "order",
  label: "Order created",
  type: "shopify.order_created",
  schema: null,
  value: parseJson('{"name":"#1001","total":10.10}'),
  source: "example" as const,
};

const scope: FormScope = { ...bareScope, formulas: true, variables: [order] };

/** Buttons about a field are named after it: what is typed into is none of them. */
const typed = { selector: "input, textarea" };

interface HostProps {
  start: Json;
  scope: FormScope;
  onValue: (value: Json) => void;
}

function Host({ start, scope, onValue }: HostProps) {
  const [value, setValue] = useState<Json>(start);
  const change = (pointer: string, next: Json | undefined) => {
    const changed = writeAt(value, pointer, next) ?? {};
    onValue(changed);
    setValue(changed);
  };
  return <SchemaForm schema={schema} value={value} scope={scope} onChange={change} />;
}

function show(start: Json, more: Partial<FormScope> = {}) {
  let latest = start;
  const keep = (value: Json) => {
    latest = value;
  };
  render(
    <I18nProvider i18n={i18n}>
      <MantineProvider>
        <QueryClientProvider client={new QueryClient()}>
          <Host start={start} scope={{ ...scope, ...more }} onValue={keep} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
  return { json: () => writeJson(latest), user: userEvent.setup({ delay: null }) };
}

test("a price stays exactly what was typed, with a comma or a point", async () => {
  const { json, user } = show({});
  await user.type(screen.getByLabelText(/^Price/, typed), "10,10");
  expect(json()).toBe('{"price":10.10}');
  await user.clear(screen.getByLabelText(/^Price/, typed));
  expect(json()).toBe("{}");
});

test("a whole number refuses a fraction and keeps what was typed on screen", async () => {
  const { json, user } = show({});
  await user.type(screen.getByLabelText(/^Count/, typed), "82098291194615450x");
  // The digits before it are another number, and nobody meant that.
  expect(json()).toBe('{"count":"82098291194615450x"}');
  expect(screen.getByRole("alert").textContent).toContain("whole number");
  expect(screen.getByLabelText<HTMLInputElement>(/^Count/, typed).value).toBe("82098291194615450x");
});

test("a number that could be two is asked back, and neither is taken", async () => {
  const { json, user } = show({});
  await user.type(screen.getByLabelText(/^Price/, typed), "1.500");
  expect(screen.getByRole("alert").textContent).toContain("1500 or 1.5");
  expect(json()).toBe('{"price":"1.500"}');
  await user.type(screen.getByLabelText(/^Price/, typed), ",50");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(json()).toBe('{"price":1500.50}');
});

test("a text becomes one with slots as soon as a slot is typed, and data that looks so is quoted", async () => {
  const { json, user } = show({});
  await user.click(screen.getByLabelText(/^Text/, typed));
  await user.paste("Order {{ order.name }}");
  expect(json()).toBe('{"text":{"$text":"Order {{ order.name }}"}}');
});

test("a field without formulas keeps braces as the text they are", async () => {
  const { json, user } = show({}, { formulas: false });
  await user.click(screen.getByLabelText(/^Text/, typed));
  await user.paste("{{ raw }}");
  expect(json()).toBe('{"text":"{{ raw }}"}');
});

test("a fixed value turns into a formula and back", async () => {
  const { json, user } = show({ price: parseJson("10.10") });
  await user.click(screen.getByRole("button", { name: "Price: Use a formula" }));
  expect(json()).toBe('{"price":{"$expr":"10.10"}}');
  await user.click(screen.getByRole("button", { name: "Price: Use a fixed value" }));
  expect(json()).toBe("{}");
});

test("a click on a field of an earlier output writes it into the parameter", async () => {
  const { json, user } = show({ text: "Order" });
  const [text] = screen.getAllByRole("button", { name: "Insert data from before" });
  await user.click(text as HTMLElement);
  const tree = await screen.findByRole("tree", { name: "Order created" });
  await user.click(within(tree).getByText("#1001"));
  expect(json()).toBe('{"text":{"$text":"Order {{ order.name }}"}}');
});

test("lists and named values are filled in without writing JSON", async () => {
  const { json, user } = show({});
  const [addTag] = screen.getAllByRole("button", { name: "Add" });
  await user.click(addTag as HTMLElement);
  await user.type(screen.getByLabelText("Tags 1"), "vip");
  await user.click(screen.getByRole("button", { name: "Add a field" }));
  // The new row's name has the focus, to be typed over.
  const name = screen.getByLabelText(/^Name/, typed);
  await waitFor(() => expect(document.activeElement).toBe(name));
  await user.keyboard("total");
  await user.tab();
  await user.type(screen.getByLabelText(/^Value/, typed), "ten");
  expect(json()).toBe('{"tags":["vip"],"fields":{"total":"ten"}}');
});

test("a way out starts as a named port with a condition to be written", async () => {
  const { json, user } = show({ rules: [] }, { ownPorts: "/rules/*/port" });
  await user.click(screen.getByRole("button", { name: "Add a way out" }));
  expect(json()).toBe('{"rules":[{"port":"path_1","when":{"$expr":""}}]}');
  await user.type(screen.getByLabelText(/^Port/, typed), "x");
  expect(json()).toContain('"port":"path_1x"');
  expect(screen.queryByRole("button", { name: "Port: Use a formula" })).toBeNull();
});

test("a problem stands at its field, and a rarely needed field with one is not folded away", () => {
  const problems = [
    {
      path: "/text",
      code: "params.missing",
      message: "Text is needed.",
      level: "error",
      params: {},
    },
    { path: "/rare", code: "params.kind", message: "Rare is odd.", level: "warning", params: {} },
  ] as const;
  show({}, { problems: [...problems] });
  const field = screen.getByText("Text is needed.").closest("[data-field]");
  expect(field && within(field as HTMLElement).getByLabelText(/^Text/, typed)).toBeTruthy();
  expect(screen.getByRole("button", { name: "More settings" }).getAttribute("aria-expanded")).toBe(
    "true",
  );
});

test("JSON that cannot be read yet is kept and said", async () => {
  const { json, user } = show({ body: { a: 1 } });
  const body = screen.getByLabelText("Body");
  await user.clear(body);
  await user.paste('{"id": 820982911946154508, ');
  expect(screen.getByText(/This is not JSON yet/)).toBeTruthy();
  await user.paste('"b": 1.10}');
  expect(json()).toBe('{"body":{"id":820982911946154508,"b":1.10}}');
});

test("a formula shows what it gives with the data at hand", async () => {
  const evaluate = vi.fn(async () => ({ ok: true as const, value: parseJson("20.20") }));
  show({ price: { $expr: "order.total * 2" } }, { evaluate });
  expect(await screen.findByText("20.20")).toBeTruthy();
});
