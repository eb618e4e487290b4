/** A server in which every text that somebody else can write is a payload. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { flowOf } from "./editor.ts";
import { type Server, until } from "./server.ts";

const together = 6;

export interface Museum {
  /** Where the payloads are shown, by the name of the place. */
  places: Record<string, string>;
  /** The pages on which people answer who were sent a link. */
  answers: string[];
  /** What was sent to people, as HTML. */
  mails: string[];
  close: () => Promise<void>;
}

const text = (expression: string) => ({ $text: `{{ ${expression} }}` });

/** What stands on one canvas: labels, notes, groups, params, in nodes of known and unknown types. */
function canvasOf(payloads: string[]) {
  const nodes = payloads.map((payload, index) => ({
    id: `n${index}`,
    type: index % 5 === 4 ? "ghost.unknown" : "core.set",
    label: payload,
    note: payload,
    params: { fields: { said: payload, [payload.slice(0, 60)]: { $expr: `start.x[${index}]` } } },
  }));
  const branch = {
    id: "fork",
    type: "core.branch",
    label: payloads[0],
    params: { rules: payloads.slice(0, 8).map((port) => ({ port, when: { $expr: "true" } })) },
  };
  const layout = Object.fromEntries(
    ["start", "fork", ...nodes.map((it) => it.id)].map((id, index) => [
      id,
      [(index % 6) * 320, Math.floor(index / 6) * 140],
    ]),
  );
  const notes = payloads.map((payload, index) => ({
    id: `note${index}`,
    title: payload,
    text: payload,
    at: [(index % 6) * 320, -400 - Math.floor(index / 6) * 200],
    size: [300, 180],
    ...(index % 3 === 0 && { nodes: [`n${index}`] }),
  }));
  const start = { id: "start", type: "core.manual" };
  return flowOf("flow_canvas", [start, branch, ...nodes], [], {
    name: payloads[0],
    layout,
    notes,
  });
}

/** Data, keys, questions and failures that quote what came in. */
const spread = (name: string, vendor: string) =>
  flowOf(
    "flow_spread",
    [
      { id: "start", type: "core.manual" },
      { id: "keep", type: "core.set", params: { fields: { back: { $expr: "start" } } } },
      {
        id: "say",
        type: "core.http_request",
        label: "Ask the vendor",
        params: { method: "GET", url: text(`'${vendor}/' ~ start.index`) },
        on_error: "continue",
      },
      { id: "end", type: "core.stop", params: { outcome: "failed", message: text("start.text") } },
    ],
    [
      { from: "start", to: "keep" },
      { from: "keep", to: "say" },
      { from: "say", to: "end" },
    ],
    { name, keys: { order: "start.text", order_name: "start.text", email: "start.text" } },
  );

/** Conditions that compare with what others wrote; published, so that drafts can differ from it. */
function toldOf(payloads: string[], added = "") {
  const plain = payloads.filter((it) => !/[\\\p{C}]/u.test(it)).slice(0, 8);
  const rules = plain.map((payload, index) => ({
    port: `p${index}`,
    when: { $expr: `start.text == ${JSON.stringify(payload)}` },
  }));
  const notes = payloads.map((payload, index) => ({
    id: `n${index}`,
    type: "core.log",
    label: payload + added,
    params: { message: payload + added },
  }));
  const start = { id: "start", type: "core.manual" };
  const check = { id: "check", type: "core.branch", label: payloads[1], params: { rules } };
  return flowOf(
    "flow_told",
    [start, check, ...notes],
    [
      { from: "start", to: "check" },
      ...notes.map(({ id }) => ({ from: "check", port: "else", to: id })),
    ],
    { name: payloads[0] + added },
  );
}

const question = flowOf(
  "flow_question",
  [
    { id: "start", type: "core.manual" },
    {
      id: "ask",
      type: "core.approve",
      params: { title: text("start.text"), text: text("start.text"), details: { $expr: "start" } },
    },
  ],
  [{ from: "start", to: "ask" }],
);

const formOf = (payloads: string[]) =>
  flowOf("flow_form", [
    {
      id: "form",
      type: "core.form",
      params: {
        title: payloads[0],
        text: payloads.join("\n").slice(0, 5_000),
        slug: "museum",
        button: payloads[1],
        thanks: payloads[2],
        fields: payloads.slice(0, 30).map((payload, index) => ({
          name: `f${index}`,
          label: payload,
          help: payload,
          ...(index % 2 === 0 && { kind: "choice", options: [payload, "b"] }),
        })),
      },
    },
  ]);

/** A vendor that refuses everything in the words of a payload. */
async function openVendor(payloads: string[]): Promise<HttpServer> {
  const vendor = createServer((request, response) => {
    const payload = payloads[Number(request.url?.slice(1))] ?? "";
    response.writeHead(422, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: payload, errors: [{ [payload]: payload }] }));
  });
  await new Promise<void>((done) => vendor.listen(0, "127.0.0.1", done));
  return vendor;
}

async function inTurn<Item>(items: Item[], act: (item: Item, index: number) => Promise<unknown>) {
  for (let from = 0; from < items.length; from += together) {
    const some = items.slice(from, from + together);
    await Promise.all(some.map((item, index) => act(item, from + index)));
  }
}

/** Puts payloads wherever an API call, a delivery or a vendor can put a text. */
export async function furnish(server: Server, payloads: string[]): Promise<Museum> {
  const vendor = await openVendor(payloads);
  const { port } = vendor.address() as AddressInfo;
  const runs: string[] = [];
  await server.ask("POST", "/flows", { document: canvasOf(payloads) });
  const [first = ""] = payloads;
  const failing = spread(first, `http://127.0.0.1:${port}`);
  for (const document of [failing, question, formOf(payloads), toldOf(payloads)]) {
    await server.ask("POST", "/flows", { document });
    await server.ask("POST", `/flows/${document.id}/publish`, {});
  }
  await server.ask("PUT", "/flows/flow_told/draft", toldOf(payloads, " once more"));
  const pinned = { said: payloads, [first]: first };
  await server.ask("PUT", "/flows/flow_canvas/pins/n0", { output: pinned, port: "out" });
  const post = { connector: "email", name: "Post", target: "twin" };
  const { id: mailbox } = await server.ask("POST", "/connections", post);
  const all = Object.fromEntries(payloads.map((payload) => [payload, { [payload]: payload }]));
  await inTurn(payloads, async (payload, index) => {
    await server.ask("POST", "/flows", { name: payload });
    const key = payload.trim() || "empty";
    await server.ask("PUT", "/tables/museum/rows", { key, row: { [payload]: payload, b: all } });
    await server.ask("PUT", `/variables/v${index}`, { value: { [payload]: payload } });
    await server.ask("POST", "/tokens", { name: payload, role: "viewer" });
    const connection = { connector: "slack", name: payload, target: "twin" };
    await server.ask("POST", "/connections", connection);
    const event = { index, text: payload, [payload]: [payload], all: index === 0 ? all : null };
    for (const flow of ["flow_spread", "flow_question"]) {
      const { run } = await server.ask("POST", `/flows/${flow}/runs`, {
        event,
        version: "published",
      });
      if (index === 0) runs.push(run);
    }
  });
  const [spreadRun = "", questionRun = ""] = runs;
  await until(
    "the runs end",
    async () => {
      const { items } = await server.ask("GET", "/runs?flow=flow_spread&limit=200");
      return items.every((run: { state: string }) => run.state === "failed");
    },
    120_000,
  );
  const mails = await until(
    "every question was sent",
    async () => {
      const { items } = await server.ask("GET", `/connections/${mailbox}/twin`);
      const sent = items.inbox as { text: string; html: string }[];
      return sent.filter((it) => it.text.includes("/answer/")).length >= payloads.length && sent;
    },
    120_000,
  );
  const links = mails.map((it) => /\/answer\/[^?\s]+/.exec(it.text)?.[0] ?? "");
  const quoted = encodeURIComponent(first);
  return {
    places: {
      flows: "/flows",
      canvas: "/flows/flow_canvas",
      "problems of a flow": "/flows/flow_canvas",
      "pinned data": "/flows/flow_canvas",
      "conditions in words": "/flows/flow_told",
      sentences: "/flows/flow_told",
      "commands of a flow": "/flows/flow_told",
      "what differs between versions": "/flows/flow_told",
      "a toast": "/flows",
      "a run on its canvas": `/flows/flow_spread?run=${spreadRun}`,
      runs: "/runs",
      "runs that hold a text": `/runs?text=${quoted}`,
      "a run": `/runs/${spreadRun}`,
      "a run that asks": `/runs/${questionRun}`,
      timeline: `/timeline?kind=order&value=${quoted}`,
      approvals: "/inbox/approvals",
      doubts: "/inbox/doubts",
      alerts: "/inbox/alerts",
      messages: "/inbox/messages",
      tables: "/data/tables",
      table: "/data/tables/museum",
      variables: "/data/variables",
      connections: "/connections",
      "what was sent": `/connections/${mailbox}`,
      people: "/people",
      form: "/form/museum",
      "no such page": `/${quoted}`,
    },
    answers: links.filter((it) => it !== ""),
    mails: mails.map((it) => it.html),
    close: () => new Promise((done) => vendor.close(() => done())),
  };
}
