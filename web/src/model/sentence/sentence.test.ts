import { setupI18n } from "@lingui/core";
import { expect, test } from "vitest";
import type { JsonSchema } from "~/api/contract";
import { catalog, nodeType } from "../../../test/catalog";
import type { FlowDocument, FlowNode } from "../flow";
import { type NodeTypes, nodeTypesOf } from "../port";
import { sayCron } from "./cron";
import { namesOf } from "./name";
import { type Part, plainSentence, sayWay, sentenceOf } from "./sentence";
import { type Words, wordsOf } from "./words";

const text = (title: string): JsonSchema => ({ type: "string", title });
const schema = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required,
});

const types: NodeTypes = nodeTypesOf({
  node_types: [
    ...catalog.node_types.filter((it) => !["shopify.order_created"].includes(it.type)),
    nodeType("shopify.order_created", {
      kind: "trigger",
      title: "Order created",
      summary: "Starts when a customer places an order. The lines come with it.",
      output_schema: {
        type: "object",
        properties: {
          total: { type: "string", title: "Total" },
          line_items: {
            type: "array",
            title: "Line items",
            items: { type: "object", properties: { sku: { type: "string", title: "SKU" } } },
          },
        },
      },
    }),
    nodeType("core.wait", {
      kind: "control",
      ports: [
        { name: "out", title: "" },
        { name: "late", title: "" },
      ],
      params_schema: schema({
        seconds: { type: "integer", title: "How long", "x-tramo": { widget: "duration" } },
        timeout_s: { type: "integer", title: "At most", "x-tramo": { widget: "duration" } },
      }),
    }),
    nodeType("core.stop", {
      params_schema: schema({
        outcome: { enum: ["cancelled"], "x-tramo": { labels: { cancelled: "As cancelled" } } },
      }),
    }),
    nodeType("bakery.write", {
      title: "Write a card",
      params_schema: schema({ to: { type: "array", title: "To" }, subject: text("Subject") }, [
        "to",
        "subject",
      ]),
    }),
    nodeType("bakery.bake", {
      title: "Bake a loaf",
      ports: [
        { name: "out", title: "" },
        { name: "burnt", title: "Burnt" },
      ],
      params_schema: schema(
        {
          kind: text("Kind"),
          SKU: text("SKU"),
          glaze: { type: "boolean", title: "Glaze" },
          oven_temperature: { type: "integer", default: 220 },
          key: { type: "string", title: "Key", "x-tramo": { secret: true } },
        },
        ["kind"],
      ),
    }),
  ],
});

const speak = async (language: string): Promise<Words> => {
  const { messages } = await import(`../../locales/${language}/messages.po`);
  return wordsOf(setupI18n({ locale: language, messages: { [language]: messages } }));
};
const [en, es, pt, ro] = await Promise.all(["en", "es", "pt", "ro"].map(speak));

const flowOf = (...nodes: FlowNode[]): FlowDocument => ({
  format: 1,
  id: "flow_x",
  name: "x",
  nodes: [{ id: "order", type: "shopify.order_created" }, ...nodes],
  edges: [],
});
const say = (node: FlowNode, words = en, ...more: FlowNode[]): string =>
  plainSentence(sentenceOf(flowOf(node, ...more), types, node.id, words as Words));
const rule = (when: string, words = en): string => {
  const node: FlowNode = {
    id: "b",
    type: "core.branch",
    params: { rules: [{ port: "path_1", when: { $expr: when } }] },
  };
  const names = namesOf(flowOf(node), types);
  return plainSentence(sayWay(names, node, "path_1", words as Words));
};

test("a trigger is said by the first sentence of its summary", () => {
  expect(say({ id: "o", type: "shopify.order_created" })).toBe(
    "Starts when a customer places an order",
  );
});

test("a type without wording of its own is said by its title and its params' titles", () => {
  const node = { id: "x", type: "bakery.bake", params: { kind: "rye", SKU: "A 1", glaze: true } };
  expect(say(node)).toBe("Bake a loaf with kind rye, SKU “A 1”, and glaze: yes");
  expect(say(node, es)).toBe("Bake a loaf con kind rye, SKU «A 1» y glaze: sí");
  expect(say(node, ro)).toBe("Bake a loaf cu kind rye, SKU „A 1” și glaze: da");
});

test("what is to be filled in is a part of its own, and what is as it always is goes unsaid", () => {
  const node = { id: "x", type: "bakery.bake", params: { oven_temperature: 220, key: "hush" } };
  const parts = sentenceOf(flowOf(node), types, "x", en as Words);
  expect(plainSentence(parts)).toBe("Bake a loaf with kind");
  expect(parts.at(-1)).toEqual({
    kind: "missing",
    text: "kind",
    node: "x",
    pointer: "/params/kind",
    field: "Kind",
  });
});

test("a name that somebody gave comes first", () => {
  const node = { id: "x", type: "core.manual", label: "By hand" };
  const [name] = sentenceOf(flowOf(node), types, "x", en as Words);
  expect(name).toMatchObject({ kind: "name", text: "By hand", pointer: "/label" });
  expect(say(node)).toBe("By hand: Starts when somebody presses Run");
});

test("a node of a type that nobody knows is said by its type", () => {
  expect(say({ id: "x", type: "gone.away" })).toBe("gone.away");
});

test("lengths of time are said in units of the language", () => {
  const node = { id: "x", type: "core.wait", params: { seconds: 93_600, timeout_s: 60 } };
  expect(say(node)).toBe("Wait 1 day and 2 hours, at most 1 minute");
  expect(say(node, pt)).toBe("Esperar 1 dia e 2 horas, no máximo 1 minuto");
  expect(say(node, ro)).toBe("Așteaptă 1 zi și 2 ore, cel mult 1 minut");
});

test("a length of time that a formula gives is said in seconds", () => {
  const node = { id: "x", type: "core.wait", params: { seconds: { $expr: "order.hours * 3600" } } };
  expect(say(node)).toBe("Wait Order created › Hours * 3600 seconds");
});

test("a message is said to go to somebody, and is no list of its params", () => {
  const params = { to: ["ana@example.com"], subject: "Hello there" };
  const node = { id: "x", type: "bakery.write", params };
  expect(say(node)).toBe("Write a card to ana@example.com with subject “Hello there”");
  expect(say({ ...node, params: { subject: "Hello" } })).toBe(
    "Write a card with to and subject Hello",
  );
});

test("rows of a table are said by their conditions, each value a part of its own", () => {
  const where = [
    { field: "state", op: "in", value: { $expr: "order.states" } },
    { field: "points", op: "eq", value: 5 },
  ];
  const node = { id: "x", type: "core.table_read", params: { table: "people", where } };
  expect(say(node)).toBe(
    "Read the rows of the table people where state is among Order created › States and points is 5",
  );
  const slots = sentenceOf(flowOf(node), types, "x", en as Words).flatMap((part) =>
    part.kind === "text" ? [] : [part.pointer],
  );
  expect(slots).toContain("/params/where/0/value");
});

test("how a run ends and who decides are said as the language says it", () => {
  const end = { id: "x", type: "core.stop", params: { outcome: "cancelled" } };
  expect(say(end)).toBe("End the run as cancelled");
  const ask = { id: "x", type: "core.approve", params: { title: "Sale" } };
  expect(say(ask, es)).toBe("Pedir que decida el equipo: Sale");
  expect(say(ask, pt)).toBe("Pedir que a equipe decida: Sale");
  expect(say(ask, ro)).toBe("Cere ca echipa să hotărască: Sale");
});

test.each([
  ["order.total > 500", "If Order created › Total is more than 500:"],
  [
    "order.total|number >= 500 and order.vip",
    "If Order created › Total is at least 500 and Order created › Vip:",
  ],
  ["not (order.a or order.b)", "If not (Order created › A or Order created › B):"],
  [
    "(order.a or order.b) and order.c",
    "If (Order created › A or Order created › B) and Order created › C:",
  ],
  ["order.country in ['ES', \"PT\"]", "If Order created › Country is among “ES”, “PT”:"],
  ["order.tag not in order.tags", "If Order created › Tag is not among Order created › Tags:"],
  [
    "order.note is defined and order.x is not none",
    "If Order created › Note is there and Order created › X is not empty:",
  ],
  ["order.line_items | length == 0", "If the number of Order created › Line items is 0:"],
  ["order.email | lower | contains('@')", "If Order created › Email contains “@”:"],
  ["order.total * 2 > 10", "If Order created › Total * 2 is more than 10:"],
  ["order.paid == true", "If Order created › Paid is yes:"],
  ["order.email != none", "If Order created › Email is not empty:"],
  ["not order.test", "If Order created › Test is no or empty:"],
  ["order.total >", "If Order created › Total >:"],
  ["", "If condition:"],
])("the condition %j is said in words", (source, words) => {
  expect(rule(source)).toBe(words);
});

test("a condition is said in every language", () => {
  expect(rule("order.total > 500", es)).toBe("Si Order created › Total es más de 500:");
  expect(rule("order.total > 500", pt)).toBe("Se Order created › Total é mais de 500:");
  expect(rule("order.total > 500", ro)).toBe("Dacă Order created › Total este mai mult de 500:");
});

test("a text that depends on something says on what, and shows no tags", () => {
  const text =
    "{% set x = 1 %}{% if order.total > 500 %}VIP{% elif order.paid %}Paid{% else %}Open{%- endif %}. {% for line in order.line_items %}{{ line }}, {% endfor %}";
  const params = { fields: { text: { $text: text } } };
  expect(say({ id: "x", type: "core.set", params })).toBe(
    "Set text to “[if Order created › Total is more than 500: VIP; or if Order created › Paid: Paid; otherwise: Open]. [for each of Order created › Line items: [line], ]”",
  );
});

test("formulas inside texts are said by what they read", () => {
  const params = { fields: { text: { $text: "Order of {{ order.total | money }}\n now" } } };
  expect(say({ id: "x", type: "core.set", params })).toBe(
    "Set text to “Order of [Order created › Total] now”",
  );
  const alone = { fields: { text: { $text: "{{ order.total }}" } } };
  expect(say({ id: "x", type: "core.set", params: alone })).toBe(
    "Set text to Order created › Total",
  );
});

test("what a loop calls its item is said inside it", () => {
  const loop: FlowNode = {
    id: "each",
    type: "core.for_each",
    params: { items: { $expr: "order.line_items" }, as: "line" },
  };
  const inner: FlowNode = {
    id: "x",
    type: "core.set",
    inside: "each",
    params: { fields: { sku: { $expr: "line.sku" } } },
  };
  expect(say(loop)).toBe("For each line of Order created › Line items:");
  expect(say(inner, en, loop)).toBe("Set sku to Line › SKU");
});

test("ways out are said as conditions, those of others by their title", () => {
  const node = { id: "x", type: "bakery.bake" };
  const names = namesOf(flowOf(node), types);
  const way = (port: string) => plainSentence(sayWay(names, node, port, en as Words));
  expect(way("error")).toBe("If it fails:");
  expect(way("burnt")).toBe("If it leaves by “Burnt”:");
});

test("a part of a sentence may hold anything and is still one part", () => {
  const params = { fields: { a: "{0} {name} <b> \u202e", b: "}" } };
  const parts = sentenceOf(flowOf({ id: "x", type: "core.set", params }), types, "x", en as Words);
  const slots = parts.filter(
    (part): part is Exclude<Part, { kind: "text" }> => part.kind !== "text",
  );
  expect(slots.map((slot) => slot.pointer)).toEqual(["/params/fields/a", "/params/fields/b"]);
  expect(slots[0]?.text).toContain("{0} {name} <b>");
});

test.each([
  ["30 9 * * *", "every day at 09:30"],
  ["0 9 * * 1-5", "on working days at 09:00"],
  ["0 9 * * 1,3", "every Monday and Wednesday at 09:00"],
  ["0 8 1 * *", "on day 1 of each month at 08:00"],
  ["*/15 * * * *", "every 15 minutes"],
  ["5 * * * *", "every hour at minute 5"],
  ["0 9 1-7 * 1", null],
  ["nonsense", null],
])("the rule %j is said as %j", (cron, words) => {
  expect(sayCron(cron, en as Words)).toBe(words);
});
