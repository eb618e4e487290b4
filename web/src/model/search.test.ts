import { expect, test } from "vitest";
import type { Connector } from "~/api/contract";
import { nodeType } from "../../test/catalog";
import { groupTypes, searchTypes } from "./search";

const catalog = {
  node_types: [
    nodeType("core.branch", {
      title: "Choose a way",
      synonyms: ["if", "switch", "Elegir un camino", "Escolher um caminho", "Alege o cale"],
    }),
    nodeType("core.set", { title: "Set fields", synonyms: ["Poner campos"] }),
    nodeType("mail.send", { title: "Send an e-mail", synonyms: ["smtp", "Trimite un e-mail"] }),
    nodeType("slack.post_message", { title: "Post message", synonyms: ["Publicar mensaje"] }),
  ],
  connectors: [],
  filters: [],
  problems: { sentences: {}, words: {} },
};
const first = (query: string) => searchTypes(catalog, query)[0]?.type;
const all = (query: string) => searchTypes(catalog, query).map((it) => it.type);

test("a type is found in any of the four languages, by its title or by a word like it", () => {
  for (const word of ["if", "si", "se", "dacă", "condición", "condiție", "camino", "alege"]) {
    expect(first(word), word).toBe("core.branch");
  }
  for (const word of ["mail", "correo", "correio", "poștă", "email"]) {
    expect(first(word), word).toBe("mail.send");
  }
  expect(first("mensaje")).toBe("slack.post_message");
});

test("a short word finds no type that only has it in the middle of another", () => {
  expect(all("se")).toEqual(["core.branch", "core.set", "mail.send"]);
  expect(all("nada")).toEqual([]);
});

test("under a connector's name stands first what acts, unless something else was chosen lately", () => {
  const types = [
    nodeType("slack.find_user", { title: "Find person by e-mail", effect: "pure" }),
    nodeType("slack.message_posted", { title: "Message posted", kind: "trigger" }),
    nodeType("slack.post_message", { title: "Post message", effect: "never_repeat" }),
    nodeType("slack.update_message", { title: "Change message", effect: "repeatable" }),
  ];
  const connectors = [{ id: "slack", title: "Slack" } as Connector];
  const found = (lately?: string[]) =>
    searchTypes({ ...catalog, node_types: types, connectors }, "slack", new Set(), lately)[0]?.type;
  expect(found()).toBe("slack.post_message");
  expect(found(["slack.find_user"])).toBe("slack.find_user");
});

test("of two that fit alike the one in use comes first, and so does its connector", () => {
  const tags = [
    nodeType("mailchimp.change_tags", { title: "Add or remove tags" }),
    nodeType("shopify.add_tags", { title: "Add tags" }),
    nodeType("core.set", { title: "Set fields" }),
  ];
  const names = (used?: Set<string>) =>
    searchTypes({ ...catalog, node_types: tags }, "tags", used).map((it) => it.connector);
  expect(names()).toEqual(["mailchimp", "shopify"]);
  expect(names(new Set(["shopify"]))).toEqual(["shopify", "mailchimp"]);
  const groups = groupTypes(tags, [], new Set(["shopify"])).map((it) => it.types[0]?.connector);
  expect(groups).toEqual(["core", "shopify", "mailchimp"]);
});
