import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "~/api/client";
import type { JsonSchema } from "~/api/contract";
import { type Json, parseJson, writeJson } from "~/api/json";
import { writeAt } from "~/model/pointer";
import { FIELD_MIME } from "./formula/target";
import { SchemaForm } from "./SchemaForm";
import { bareScope, type FormScope } from "./scope";

const order = {
  name: "order",
  label: "Order created",
  type: "shopify.order_created",
  schema: null,
  value: parseJson('{"total":10.10,"country":"ES","test":false,"items":[{"sku":"A","count":2}]}'),
  source: "example" as const,
};
const scope: FormScope = { ...bareScope, formulas: true, variables: [order] };

function show(properties: Record<string, JsonSchema>, start: Json = {}, more = {}) {
  let latest = start;
  const schema = { type: "object", properties };
  function Host() {
    const [value, setValue] = useState<Json>(start);
    const change = (pointer: string, next: Json | undefined) => {
      latest = writeAt(latest, pointer, next) ?? {};
      setValue(latest);
    };
    return (
      <SchemaForm schema={schema} value={value} scope={{ ...scope, ...more }} onChange={change} />
    );
  }
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <I18nProvider i18n={i18n}>
      <MantineProvider env="test">
        <QueryClientProvider client={client}>
          <Host />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
  return () => writeJson(latest);
}

const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole("button", { name }));
const hint = (widget: string, more: object = {}) => ({ "x-tramo": { widget, ...more } });
const box = (name: string) => screen.getByLabelText(name, { selector: "input, textarea, select" });

afterEach(() => vi.restoreAllMocks());

test("a duration is typed in a unit and kept in seconds, and an odd one is said in words", () => {
  const json = show({ wait: { type: "integer", title: "Wait", ...hint("duration") } });
  type(box("Unit"), "3600");
  type(box("Wait"), "1,5");
  expect(json()).toBe('{"wait":5400}');
  expect(screen.getByText(/That is 1 hour 30 minutes/)).toBeTruthy();
  type(box("Wait"), "1.500");
  expect(json()).toBe('{"wait":"1.500"}');
});

test("an amount stays exact and is shown with the currency that stands beside it", () => {
  const money = { type: "string", format: "decimal", title: "Amount", ...hint("money") };
  const json = show({ amount: money }, { currency: "EUR" });
  type(box("Amount"), "10,10");
  expect(json()).toBe('{"currency":"EUR","amount":10.10}');
  expect(screen.getByText(/€10\.10/)).toBeTruthy();
});

test("a choice is offered by what people call its values, in the order that its author gave", () => {
  const labels = { ge: "is at least", eq: "is" };
  const json = show({
    op: { enum: ["eq", "ge"], default: "eq", title: "Op", "x-tramo": { labels } },
  });
  const radios = within(screen.getByRole("radiogroup", { name: "Op" })).getAllByRole("radio");
  expect(radios.map((it) => (it as HTMLInputElement).value)).toEqual(['"ge"', '"eq"']);
  fireEvent.click(radios[0] as HTMLElement);
  expect(json()).toBe('{"op":"ge"}');
});

test("several of some values are ticked", () => {
  const items = { enum: ["sent", "lost"] };
  const json = show({ states: { type: "array", items, title: "States" } });
  fireEvent.click(screen.getByRole("checkbox", { name: "Lost" }));
  expect(json()).toBe('{"states":["lost"]}');
});

test("yes and no may be left unsaid where that means something of its own", () => {
  const json = show({ vip: { type: "boolean", default: null, title: "VIP" } });
  fireEvent.click(screen.getByRole("radio", { name: "No" }));
  expect(json()).toBe('{"vip":false}');
  fireEvent.click(screen.getByRole("radio", { name: "Not said" }));
  expect(json()).toBe("{}");
});

test("a moment is a day, or a day and a time on a clock", () => {
  const json = show({ until: { type: "string", format: "moment", title: "Until" } });
  type(box("Day"), "2026-11-27");
  expect(json()).toBe('{"until":"2026-11-27"}');
  type(box("Time"), "09:30");
  expect(json()).toBe('{"until":"2026-11-27T09:30"}');
  type(box("Clock"), "Z");
  expect(json()).toBe('{"until":"2026-11-27T09:30:00Z"}');
});

test("a schedule is said in words, and a rule beyond them stays a rule", () => {
  const json = show({ cron: { type: "string", title: "Cron", ...hint("cron") } });
  type(box("Cron"), "week");
  expect(json()).toBe('{"cron":"0 9 * * 1-5"}');
  fireEvent.click(screen.getByRole("checkbox", { name: "Sat" }));
  type(box("At"), "08:15");
  expect(json()).toBe('{"cron":"15 8 * * 1-6"}');
  type(box("Cron"), "rule");
  type(box("Cron rule"), "0 9 1 1 *");
  expect(json()).toBe('{"cron":"0 9 1 1 *"}');
  expect((box("Cron") as HTMLSelectElement).value).toBe("rule");
});

test("several lines pasted into a list are several items, and buttons move them", () => {
  const tags = { type: "array", items: { type: "string" }, title: "Tags" };
  const json = show({ tags }, { tags: [""] });
  const clipboardData = { getData: () => "vip\n gold \n\nnew" };
  fireEvent.paste(screen.getByLabelText("Tags 1"), { clipboardData });
  expect(json()).toBe('{"tags":["vip","gold","new"]}');
  press("Move item 3 up");
  press("Remove item 1");
  expect(json()).toBe('{"tags":["new","gold"]}');
});

test("of fields that exclude each other one is shown, and what another said comes back", () => {
  const one_of = { "x-tramo": { one_of: "end" } };
  const json = show(
    {
      cron: { type: "string", title: "Rule", ...one_of },
      every: { type: "integer", title: "Every", ...one_of },
    },
    { cron: "0 9 * * *" },
  );
  expect(screen.queryByLabelText("Every", { selector: "input[inputmode]" })).toBeNull();
  fireEvent.click(screen.getByRole("radio", { name: "Every" }));
  type(screen.getByLabelText("Every", { selector: "input[inputmode]" }), "60");
  expect(json()).toBe('{"every":60}');
  fireEvent.click(screen.getByRole("radio", { name: "Rule" }));
  expect(json()).toBe('{"cron":"0 9 * * *"}');
});

test("a field that only counts with another's value is shown with that value", () => {
  const kind = { enum: ["text", "choice"], default: "text", title: "Kind" };
  const options = { type: "string", title: "Options", "x-tramo": { when: { kind: ["choice"] } } };
  show({ kind, options });
  expect(screen.queryByLabelText("Options")).toBeNull();
  fireEvent.click(screen.getByRole("radio", { name: "Choice" }));
  expect(screen.getByLabelText("Options")).toBeTruthy();
});

const when = { type: "boolean", title: "When", ...hint("condition") };

test("a condition is rows of words, and what rows write is what they read", () => {
  const source = 'order.total > 500 and order.country in ["ES", "PT"]';
  const json = show({ when }, { when: { $expr: source } });
  expect(screen.getByRole("button", { name: "Field: Order created › Total" })).toBeTruthy();
  expect((screen.getAllByLabelText("Comparison")[1] as HTMLSelectElement).value).toBe("in");
  fireEvent.change(screen.getAllByLabelText("Value")[0] as HTMLElement, {
    target: { value: "10.50" },
  });
  expect(json()).toContain("order.total > 10.50 and order.country in");
  fireEvent.click(screen.getByRole("radio", { name: "One of these holds" }));
  expect(json()).toContain("order.total > 10.50 or order.country in");
});

test("a condition with half a number is not written", () => {
  const json = show({ when }, { when: { $expr: "order.total > 500" } });
  type(screen.getByLabelText("Value"), "1.500");
  expect(screen.getByText(/1500 or 1\.5/)).toBeTruthy();
  expect(json()).toBe('{"when":{"$expr":""}}');
  type(screen.getByLabelText("Value"), "1.500,50");
  expect(json()).toBe('{"when":{"$expr":"order.total > 1500.50"}}');
});

test("a condition is built by choosing, and half a row is not written", () => {
  const json = show({ when }, { when: { $expr: "" } });
  press(/^Field: Choose a field/);
  fireEvent.click(within(screen.getByRole("tree")).getByText("ES"));
  expect(json()).toBe('{"when":{"$expr":""}}');
  type(screen.getByLabelText("Value"), "PT");
  expect(json()).toBe('{"when":{"$expr":"order.country == \\"PT\\""}}');
});

test("a condition shows what its fields hold now, and whether it holds", async () => {
  const evaluate = vi.fn(async () => ({ ok: true as const, value: false }));
  show({ when }, { when: { $expr: "order.total > 500" } }, { evaluate });
  expect(within(screen.getByRole("button", { name: /^Field/ })).getByText("10.10")).toBeTruthy();
  expect((await screen.findByText("It does not hold now")).textContent).toContain("example");
});

test("a field is dragged onto a condition: to be looked at, and to be compared with", () => {
  const json = show({ when }, { when: { $expr: "" } });
  const drop = (place: HTMLElement, path: string) =>
    fireEvent.drop(place, { dataTransfer: { types: [FIELD_MIME], getData: () => path } });
  drop(screen.getByRole("button", { name: /^Field/ }), "order.country");
  drop(screen.getByLabelText("Value"), "order.total");
  expect(json()).toBe('{"when":{"$expr":"order.country == order.total"}}');
});

test("a condition over a list's items knows their fields by the name that the item has", () => {
  const where = { ...when, title: "Where", ...hint("condition", { names: ["item", "index"] }) };
  show(
    { where },
    { items: { $expr: "order.items" }, as: "line", where: { $expr: "line.count >= 2" } },
  );
  expect(screen.getByRole("button", { name: "Field: line › Count" })).toBeTruthy();
});

test("a name for a way out is made of what people type", () => {
  const json = show({ port: { type: "string", title: "Way", ...hint("port") } });
  type(box("Way"), "Órdenes VIP");
  expect(json()).toBe('{"port":"Ordenes_VIP"}');
});

const channel = { type: "string", title: "Channel", "x-tramo": { choices: "channels" } };

test("a choice from the account is searched there, and what is not in its list may be used", async () => {
  const choices = vi
    .spyOn(api.connections, "choices")
    .mockResolvedValue({ items: [{ value: "C1", label: "#orders" }] });
  const json = show({ channel }, { channel: "C1" }, { connection: "conn_1" });
  const field = await screen.findByDisplayValue("#orders");
  expect(choices).toHaveBeenCalledWith("conn_1", "channels", "", expect.anything());
  fireEvent.focus(field);
  type(field, "#vip");
  fireEvent.click(screen.getByText("Use “#vip”"));
  expect(json()).toBe('{"channel":"#vip"}');
});

test("the choice that is meant is marked while one types, and needs no sign before it", async () => {
  const items = ["#alerts", "#vip", "#vip-eu"].map((label) => ({ value: label, label }));
  vi.spyOn(api.connections, "choices").mockResolvedValue({ items });
  const json = show({ channel }, {}, { connection: "conn_1" });
  const field = box("Channel");
  fireEvent.focus(field);
  await screen.findByText("#vip-eu");
  type(field, "vip-");
  fireEvent.keyDown(field, { key: "Enter", code: "Enter" });
  expect(json()).toBe('{"channel":"#vip-eu"}');
  type(field, "VIP");
  fireEvent.blur(field);
  expect(json()).toBe('{"channel":"#vip"}');
});

test("an account that cannot be asked says why, and the value stays", async () => {
  vi.spyOn(api.connections, "choices").mockRejectedValue(new Error("no answer"));
  const json = show({ channel }, { channel: "C1" }, { connection: "conn_1" });
  fireEvent.focus(screen.getByRole("combobox", { name: "Channel" }));
  expect((await screen.findByRole("alert")).textContent).not.toBe("");
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  expect(json()).toBe('{"channel":"C1"}');
});

test("a problem at its field calls the field by its title", () => {
  const problem = {
    path: "/channel",
    code: "params.missing",
    message: "“tell”: “channel” is missing; fill it in.",
    level: "error" as const,
    params: { field: "channel", node: "tell" },
  };
  show({ channel: { type: "string", title: "Channel" } }, {}, { problems: [problem] });
  expect(screen.getByRole("alert").textContent).toBe("“Channel” is missing; fill it in.");
});

test("the picker opens the node before, however little it gives, and not what is known of the run", () => {
  const small = { ...order, name: "look", label: "Look up", value: parseJson('{"found":true}') };
  const run = { ...order, name: "run", label: "This run", type: null };
  show({ text: { type: "string", title: "Text" } }, {}, { variables: [small, run] });
  press("Insert data from before");
  const open = screen.getAllByRole("button", { expanded: true }).map((it) => it.textContent);
  expect(open.filter((it) => it?.includes("This run"))).toEqual([]);
  expect(open.filter((it) => it?.includes("Look up"))).toHaveLength(1);
});

test("tags are typed one after the other by Enter, and a pasted list of them is several", async () => {
  const tag = { type: "string", pattern: "^[^,]*[^,\\s][^,]*$" };
  const json = show({ tags: { type: "array", title: "Tags", items: tag } }, { tags: ["vip"] });
  const first = box("Tags 1");
  fireEvent.keyDown(first, { key: "Enter" });
  expect(json()).toBe('{"tags":["vip",""]}');
  fireEvent.paste(box("Tags 2"), { clipboardData: { getData: () => "gold, b2b\nnew" } });
  expect(json()).toBe('{"tags":["vip","gold","b2b","new"]}');
});
