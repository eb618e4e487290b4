/** A small catalogue in the shape the server gives, for tests that need node types. */
import type { Catalog, NodeType } from "~/api/contract";

export function nodeType(type: string, more: Partial<NodeType> = {}): NodeType {
  return {
    type,
    v: 1,
    kind: "action",
    connector: type.split(".")[0] ?? "",
    title: type,
    summary: "",
    category: "",
    synonyms: [],
    icon: "",
    ports: [{ name: "out", title: "" }],
    own_ports: null,
    params_schema: { type: "object", properties: {} },
    output_schema: null,
    output_example: null,
    effect: "pure",
    inline: false,
    costly: false,
    connection: "none",
    source: null,
    choices: {},
    keys: [],
    available: true,
    reason: null,
    ...more,
  };
}

export const catalog: Catalog = {
  node_types: [
    nodeType("core.manual", { kind: "trigger", source: "manual" }),
    nodeType("shopify.order_created", {
      kind: "trigger",
      source: "webhook",
      title: "Order created",
      output_example: {
        id: 1,
        name: "#1001",
        total: 10,
        line_items: [{ sku: "A-1", quantity: 2 }],
      },
    }),
    nodeType("core.branch", {
      kind: "control",
      own_ports: "/rules/*/port",
      ports: [{ name: "else", title: "Else" }],
    }),
    nodeType("core.for_each", { kind: "control", ports: [{ name: "done", title: "" }] }),
    nodeType("core.set", { inline: true }),
    nodeType("slack.post_message", { title: "Post message", v: 2 }),
  ],
  connectors: [],
  filters: [],
  problems: { sentences: {}, words: {} },
};
