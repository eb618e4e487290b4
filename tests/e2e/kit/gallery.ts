/** A demo server furnished with something of everything that a screen can show. */
import { flowOf } from "./editor.ts";
import { HangingServer } from "./neighbour.ts";
import { type Server, until } from "./server.ts";

export interface Gallery {
  server: Server;
  shop: string;
  /** Runs by what they show. */
  runs: Record<"order" | "loop" | "failed" | "waiting" | "question" | "doubt", string>;
  /** The order's key, as the timeline asks for it. */
  order: { kind: string; value: string };
  /** The page on which a stranger answers a question. */
  answer: string;
  /** The next one, for a window that answers it. */
  spareAnswer: string;
  close: () => Promise<void>;
}

const start = { id: "start", type: "core.manual" };
const log = (id: string, label: string) => ({
  id,
  type: "core.log",
  label,
  params: { message: label },
});

/** A return is asked about; what is said leads one of two ways. */
const refund = flowOf(
  "flow_refund",
  [
    start,
    {
      id: "ask",
      type: "core.approve",
      label: "Refund?",
      params: {
        title: { $text: "Refund {{ start.amount }} € to {{ start.name }}?" },
        text: "The lamp arrived with a broken shade. There are two photos in the ticket.",
        details: { $expr: "start" },
      },
    },
    log("pay", "Pay it back"),
  ],
  [
    { from: "start", to: "ask" },
    { from: "ask", port: "yes", to: "pay" },
  ],
  { name: "Refund a broken lamp" },
);

/** Every line of an order by itself; one of them cannot be worked out. */
const lines = flowOf(
  "flow_lines",
  [
    start,
    {
      id: "each",
      type: "core.for_each",
      label: "Each line",
      params: { items: { $expr: "start.lines" }, on_item_error: "continue" },
    },
    {
      id: "price",
      type: "core.set",
      label: "Price of one",
      inside: "each",
      params: { fields: { sku: { $expr: "item.sku" }, each: { $expr: "item.sum / item.pieces" } } },
    },
    { ...log("say", "Say it"), inside: "each" },
    log("done", "All lines are done"),
  ],
  [
    { from: "start", to: "each" },
    { from: "price", to: "say" },
    { from: "each", port: "done", to: "done" },
  ],
  { name: "Price each line of an order" },
);

const divide = flowOf(
  "flow_divide",
  [
    start,
    {
      id: "sum",
      type: "core.set",
      label: "Share of the total",
      params: { fields: { share: { $expr: "1 / start.by" } } },
    },
    log("after", "Note it down"),
  ],
  [
    { from: "start", to: "sum" },
    { from: "sum", to: "after" },
  ],
  { name: "Share of the total" },
);

const booking = (url: string) =>
  flowOf(
    "flow_booking",
    [
      start,
      {
        id: "book",
        type: "core.http_request",
        label: "Book the parcel",
        params: { method: "POST", url, json: { order: 1 } },
      },
    ],
    [{ from: "start", to: "book" }],
    { name: "Book a parcel", keys: { order: "start.order" } },
  );

/** Waits two days between the payment and the message; so its published runs wait too. */
const reminder = (message: string) =>
  flowOf(
    "flow_reminder",
    [
      { id: "hook", type: "core.webhook", params: { keys: { order: "body.id" } } },
      { id: "rest", type: "core.wait", label: "Two days", params: { seconds: 172_800 } },
      { id: "tell", type: "core.log", label: "Remind them", params: { message } },
      {
        id: "check",
        type: "core.branch",
        label: "Large order?",
        params: {
          rules: [
            {
              port: "large",
              when: {
                $expr:
                  'hook.body.total > 500 and (hook.body.country == "RO" or hook.body.country == "ES")',
              },
            },
          ],
        },
      },
      log("thank", "Thank them"),
    ],
    [
      { from: "hook", to: "rest" },
      { from: "rest", to: "tell" },
      { from: "tell", to: "check" },
      { from: "check", port: "large", to: "thank" },
    ],
    { name: "Remind who has not paid" },
  );

/** One of each field that a form can have. */
const fields = (shop: string) =>
  flowOf(
    "flow_fields",
    [
      { id: "order", type: "shopify.order_created", connection: shop },
      {
        id: "vip",
        type: "core.branch",
        label: "Is it a VIP?",
        params: {
          rules: [
            {
              port: "vip",
              when: { $expr: 'order.total > 500 and order.currency in ["EUR", "USD"]' },
            },
          ],
        },
      },
      {
        id: "tell",
        type: "slack.post_message",
        label: "Tell the team",
        params: {
          channel: "#orders",
          text: { $text: "New order {{ order.name }} over {{ order.total | money('EUR') }}" },
        },
      },
      { id: "post", type: "core.http_request", label: "Tell the stock" },
      {
        id: "clock",
        type: "core.schedule",
        label: "Every morning",
        params: { cron: "0 9 * * 1-5" },
      },
      { id: "form", type: "core.form", label: "A return", params: { slug: "fields" } },
      { id: "tag", type: "shopify.add_tags", connection: shop, params: { tags: ["vip", "gold"] } },
    ],
    [
      { from: "order", to: "vip" },
      { from: "vip", port: "vip", to: "tell" },
      { from: "vip", port: "else", to: "post" },
    ],
    {
      name: "Fields of every kind",
      layout: {
        order: [0, 0],
        vip: [320, 0],
        tell: [640, -80],
        post: [640, 80],
        clock: [0, 200],
        form: [0, 400],
        tag: [320, 240],
      },
      notes: [
        {
          id: "why",
          title: "Why",
          text: "Orders over **500 €** are told to the team.\n\n- by chat\n- by mail",
          at: [0, -260],
          size: [280, 170],
        },
        {
          id: "stock",
          title: "Told to others",
          at: [600, -160],
          size: [340, 360],
          nodes: ["tell", "post"],
          color: "blue",
        },
      ],
    },
  );

/** Almost nothing in it is right. */
const broken = flowOf(
  "flow_broken",
  [
    start,
    { id: "tell", type: "slack.post_message", params: { channel: "#orders", text: "" } },
    { id: "ghost", type: "ghost.unknown" },
    {
      id: "check",
      type: "core.branch",
      params: { rules: [{ port: "a", when: { $expr: "1 +" } }] },
    },
    { id: "sum", type: "core.set", params: { fields: { x: { $expr: "nobody.total" } } } },
    { id: "alone", type: "core.http_request" },
  ],
  [
    { from: "start", to: "tell" },
    { from: "tell", to: "ghost" },
    { from: "ghost", to: "check" },
    { from: "check", port: "a", to: "sum" },
  ],
  { name: "Almost nothing is right here" },
);

const returns = flowOf(
  "flow_returns",
  [
    {
      id: "form",
      type: "core.form",
      params: {
        title: "Send something back",
        text: "Tell us what came broken. We answer within two days.",
        slug: "returns",
        button: "Send",
        thanks: "We have your request.",
        fields: [
          { name: "order", label: "Number of the order", help: "It is in your e-mail." },
          { name: "why", label: "What is wrong?", kind: "choice", options: ["Broken", "Too late"] },
          { name: "paid", label: "What it cost", kind: "money", currency: "EUR" },
          { name: "since", label: "When it came", kind: "date", required: false },
          { name: "mail", label: "Your e-mail", kind: "email" },
          { name: "more", label: "Anything else?", kind: "long_text", required: false },
        ],
      },
    },
    log("note", "Note it down"),
  ],
  [{ from: "form", to: "note" }],
  { name: "Returns" },
);

/** Puts everything there, and waits until each run is in the state that it is shown for. */
export async function furnishGallery(server: Server): Promise<Gallery> {
  const vendor = await HangingServer.start();
  const { items } = await server.ask("GET", "/connections");
  const idOf = (connector: string) =>
    items.find((it: { connector: string }) => it.connector === connector).id as string;
  const shop = idOf("shopify");
  const documents = [refund, lines, divide, booking(vendor.url), reminder("It is not paid yet.")];
  for (const document of [...documents, fields(shop), broken, returns, flowOf("flow_empty", [])]) {
    await server.ask("POST", "/flows", { document });
  }
  for (const id of ["flow_reminder", "flow_returns", "flow_refund"]) {
    await server.ask("POST", `/flows/${id}/publish`, {});
  }
  const begin = async (flow: string, event: unknown, version = "draft") =>
    (await server.ask("POST", `/flows/${flow}/runs`, { event, version })).run as string;
  const reaches = async (run: string, state: string) => {
    await until(`${run} is ${state}`, async () => {
      const { state: now } = await server.ask("GET", `/runs/${run}`);
      return now === state;
    });
    return run;
  };
  for (let count = 0; count < 3; count += 1) {
    await server.ask("POST", `/connections/${shop}/twin/deliver`, {
      type: "shopify.order_created",
    });
  }
  const paid = (id: number) => ({
    body: { id, total: 812.5, country: "RO" },
    headers: {},
    query: {},
    method: "POST",
  });
  const pieces = (of: number) => ({ sku: `LAMP-${of}`, sum: 120, pieces: of % 5 });
  const runs = {
    waiting: await begin("flow_reminder", paid(1042), "published"),
    question: await begin("flow_refund", { amount: 61, name: "Ana Ionescu" }, "published"),
    loop: await begin("flow_lines", { lines: Array.from({ length: 12 }, (_, at) => pieces(at)) }),
    failed: await begin("flow_divide", { by: 0 }),
    doubt: await begin("flow_booking", { order: "1043" }),
  };
  await begin("flow_reminder", paid(1044), "published");
  await begin("flow_refund", { amount: 12, name: "Leo Prado" }, "published");
  await begin("flow_booking", { order: "1045" });
  await reaches(runs.waiting, "waiting");
  await reaches(runs.question, "waiting");
  await reaches(runs.failed, "failed");
  await reaches(runs.doubt, "asking");
  const order = await until("an order's run", async () => {
    const { items: found } = await server.ask("GET", "/runs?flow=flow_vip_orders&limit=1");
    return found[0]?.ended_at && found[0].keys.length > 0 ? found[0] : null;
  });
  await until(
    "the loop's end",
    async () => (await server.ask("GET", `/runs/${runs.loop}`)).ended_at,
  );
  // The draft goes on after what is live.
  const changed = reminder("It is not paid yet. Here is the link once more.");
  changed.nodes.push(log("copy", "Copy to the books"));
  changed.edges.push({ from: "check", port: "else", to: "copy" });
  await server.ask("PUT", "/flows/flow_reminder/draft", changed);
  await fillData(server);
  const mails = await until("the questions are sent", async () => {
    const twin = await server.ask("GET", `/connections/${idOf("email")}/twin`);
    const links = (twin.items.inbox as { text: string }[])
      .map((it) => /\/answer\/[^?\s]+/.exec(it.text)?.[0])
      .filter((it) => it !== undefined);
    return links.length > 1 ? links : null;
  });
  return {
    server,
    shop,
    runs: { ...runs, order: order.id },
    order: order.keys[0],
    answer: mails[0] ?? "",
    spareAnswer: mails[1] ?? "",
    close: () => vendor.stop(),
  };
}

async function fillData(server: Server): Promise<void> {
  const rows = { ana: "12.50", bea: "820982911946154508", carmen: "3" };
  for (const [key, points] of Object.entries(rows)) {
    const row = `{"key": "${key}", "row": {"points": ${points}, "since": "2026-11-01"}}`;
    await server.ask("PUT", "/tables/points/rows", row);
  }
  await server.ask("PUT", "/variables/vip_limit", { value: 500 });
  await server.ask("PUT", "/variables/countries", { value: ["RO", "ES", "PT"] });
  await server.ask("POST", "/tokens", { name: "Stock script", role: "editor" });
}
