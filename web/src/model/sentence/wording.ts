/** The sentences of the core node types, which say more than their titles do. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { isObject } from "~/api/json";
import { pointerTo } from "../pointer";
import { sayCron } from "./cron";
import { itemName } from "./name";
import { phrases } from "./phrase";
import { lowered, type Speaker } from "./speaker";

type Wording = (speaker: Speaker) => string;

/** A message whose slots are the params of the same names. */
function filled(message: MessageDescriptor, ...params: string[]): Wording {
  return (it) => it.say(message, Object.fromEntries(params.map((name) => [name, it.value(name)])));
}

/** The first message whose slots all say something, else the last. */
function firstOf(...choices: [MessageDescriptor, ...string[]][]): Wording {
  return (it) => {
    const last = choices.at(-1) as [MessageDescriptor, ...string[]];
    const found = choices.find(([, ...params]) => params.every((name) => it.says(name))) ?? last;
    return filled(...found)(it);
  };
}

const ofItems =
  (message: MessageDescriptor, items: string, condition: string): Wording =>
  (it) => {
    const as = it.param("as");
    const item = it.names.item(
      typeof as === "string" && as ? as : "item",
      it.param(items),
      it.node.id,
    );
    return it.say(message, { items: it.value(items), where: it.value(condition, [item]) });
  };

const wait: Wording = (it) => {
  const event = it.param("event");
  let said: string;
  if (isObject(event)) {
    const type = typeof event.type === "string" ? event.type : "";
    const title = it.names.types.get(type)?.title ?? type;
    const what = it.slot(type ? "value" : "missing", lowered(title), "/event/type", "Event");
    said = it.say(msg({ message: "Wait until this happens: {what}" }), { what });
  } else if (isObject(it.param("answer"))) {
    const title = it.at("/answer/title", undefined);
    said = it.say(msg({ message: "Ask {to}: {title}" }), { to: people(it, "/answer/to"), title });
  } else {
    said = firstOf(
      [msg({ message: "Wait until {until}" }), "until"],
      [msg({ message: "Wait {seconds}" }), "seconds"],
    )(it);
  }
  return atMost(it, said);
};

const atMost = (it: Speaker, said: string): string =>
  it.says("timeout_s")
    ? it.say(msg({ message: "{said}, at most {time}" }), { said, time: it.value("timeout_s") })
    : said;

/** Who is asked; where nobody is named, everybody who may edit the flow. */
function people(it: Speaker, pointer: string): string {
  const [root = "", inner] = pointer.slice(1).split("/");
  const holder = it.param(root);
  const to = inner === undefined ? holder : isObject(holder) ? holder[inner] : undefined;
  const named = to !== undefined && to !== null && !(Array.isArray(to) && to.length === 0);
  if (named) return it.at(pointer, undefined);
  return it.slot("value", it.say(msg({ message: "the team" })), pointer, it.say(msg`Who is asked`));
}

const forEach: Wording = (it) => {
  const as = itemName(it.node);
  const items = it.value("items");
  const said =
    as === "item"
      ? it.say(msg({ message: "For each item of {items}:" }), { items })
      : it.say(msg({ message: "For each {name} of {items}:" }), {
          name: it.value("as"),
          items,
        });
  if (!it.says("at_once")) return said;
  return it.say(msg({ message: "{said} ({count} at once)" }), {
    said: said.replace(/:$/, ""),
    count: it.value("at_once"),
  });
};

const set: Wording = (it) => {
  const fields = it.param("fields");
  const names = isObject(fields) ? Object.keys(fields) : [];
  if (names.length === 0)
    return it.say(msg({ message: "Set {fields}" }), { fields: it.value("fields") });
  const shown = names.slice(0, 5).map((name) => {
    const value = it.at(`/fields${pointerTo(name)}`, undefined);
    return it.say(msg({ message: "{name} to {value}", context: "set a field to a value" }), {
      name,
      value,
    });
  });
  const rest = names.length - shown.length;
  if (rest > 0) {
    shown.push(
      it.say(msg({ message: "{count, plural, one {# more} other {# more}}" }), { count: rest }),
    );
  }
  return it.say(msg({ message: "Set {fields}" }), { fields: it.words.list(shown) });
};

const schedule: Wording = (it) => {
  if (it.says("every_s")) {
    return it.say(msg({ message: "Starts every {time}" }), { time: it.value("every_s") });
  }
  const cron = it.param("cron");
  const said = typeof cron === "string" ? sayCron(cron, it.words) : null;
  if (said === null)
    return it.say(msg({ message: "Starts by the rule {cron}" }), { cron: it.value("cron") });
  const field = it.fields.get("cron");
  const title = typeof field?.schema.title === "string" ? field.schema.title : "cron";
  return it.say(msg({ message: "Starts {when}" }), {
    when: it.slot("value", said, "/cron", title),
  });
};

const after: Wording = (it) => {
  const type = it.param("type");
  const title = it.names.types.get(typeof type === "string" ? type : "")?.title;
  const what = title ? it.slot("value", lowered(title), "/type", title) : it.value("type");
  return it.say(msg({ message: "Starts {seconds} after this: {what}" }), {
    seconds: it.value("seconds"),
    what,
  });
};

const merge: Wording = (it) => {
  const wait = it.param("wait");
  const how =
    wait === "any"
      ? msg({ message: "as soon as all have ended and one arrived" })
      : wait === "first"
        ? msg({ message: "as soon as the first arrives" })
        : msg({ message: "when all have arrived" });
  const field = it.fields.get("wait");
  const title = typeof field?.schema.title === "string" ? field.schema.title : "wait";
  return it.say(msg({ message: "Go on {how}" }), {
    how: it.slot("value", it.say(how), "/wait", title),
  });
};

const comparisons: Readonly<Record<string, MessageDescriptor>> = {
  eq: phrases.equal,
  ne: phrases.different,
  gt: phrases.more,
  ge: phrases.atLeast,
  lt: phrases.less,
  le: phrases.atMost,
  in: phrases.among,
  contains: phrases.contains,
};

const read: Wording = (it) => {
  const given = it.param("where");
  const rows = Array.isArray(given) ? given.filter(isObject) : [];
  if (it.says("key") || rows.length === 0) {
    return firstOf(
      [msg({ message: "Read row {key} of the table {table}" }), "key", "table"],
      [msg({ message: "Read the rows of the table {table} where {where}" }), "where", "table"],
      [msg({ message: "Read the rows of the table {table}" }), "table"],
    )(it);
  }
  const conditions = rows.map(({ op }, index) =>
    it.say(comparisons[typeof op === "string" ? op : "eq"] ?? phrases.equal, {
      left: it.at(`/where/${index}/field`, undefined),
      right: it.at(`/where/${index}/value`, undefined),
    }),
  );
  return it.say(msg({ message: "Read the rows of the table {table} where {where}" }), {
    table: it.value("table"),
    where: it.words.list(conditions),
  });
};

const write: Wording = (it) => {
  const values = { key: it.value("key"), table: it.value("table") };
  switch (it.param("mode")) {
    case "delete":
      return it.say(msg({ message: "Remove row {key} from the table {table}" }), values);
    case "increment":
      return it.say(msg({ message: "Add to row {key} of the table {table}: {values}" }), {
        ...values,
        values: it.value("values"),
      });
    default:
      return it.say(msg({ message: "Write row {key} of the table {table}: {values}" }), {
        ...values,
        values: it.value("values"),
      });
  }
};

export const wordings: Readonly<Record<string, Wording>> = {
  "core.branch": (it) => it.say(msg({ message: "Decide which way to go:" })),
  "core.merge": merge,
  "core.stop": firstOf(
    [msg({ message: "End the run {outcome}: {message}" }), "outcome", "message"],
    [msg({ message: "End the run: {message}" }), "message"],
    [msg({ message: "End the run {outcome}" }), "outcome"],
  ),
  "core.respond": firstOf(
    [msg({ message: "Answer the caller with status {status} and {body}" }), "status", "body"],
    [msg({ message: "Answer the caller with {body}" }), "body"],
    [msg({ message: "Answer the caller with status {status}" }), "status"],
  ),
  "core.for_each": forEach,
  "core.wait": wait,
  "core.approve": (it) =>
    atMost(
      it,
      it.say(msg({ message: "Ask {to} to decide: {title}" }), {
        to: people(it, "/to"),
        title: it.value("title"),
      }),
    ),
  "core.call_flow": filled(msg({ message: "Run the flow {flow}" }), "flow"),
  "core.dedupe": filled(msg({ message: "Look whether {key} was here before:" }), "key"),
  "core.rate_limit": filled(
    msg({ message: "Let at most {count} runs go on in {per_s}" }),
    "count",
    "per_s",
  ),
  "core.digest": filled(msg({ message: "Gather {item} for {seconds}" }), "item", "seconds"),
  "core.batch": filled(msg({ message: "Gather {item} until there are {size}" }), "item", "size"),
  "core.set": set,
  "core.log": filled(msg({ message: "Note in the log: {message}" }), "message"),
  "core.filter": ofItems(
    msg({ message: "Keep of {items} those for which {where}" }),
    "items",
    "where",
  ),
  "core.lookup": (it) =>
    it.says("where")
      ? ofItems(msg({ message: "Find in {items} what fits: {where}" }), "rows", "where")(it)
      : filled(
          msg({ message: "Find in {rows} the row whose {field} is {value}" }),
          "rows",
          "field",
          "value",
        )(it),
  "core.aggregate": filled(msg({ message: "Sum up {items}: {fields}" }), "items", "fields"),
  "core.reconcile": filled(
    msg({ message: "Compare {left} with {right} by {key}" }),
    "left",
    "right",
    "key",
  ),
  "core.table_read": read,
  "core.table_write": write,
  "core.code": (it) => {
    const source = it.param("source");
    if (typeof source !== "string" || source === "") {
      return it.say(msg({ message: "Compute with {code}" }), { code: it.value("source") });
    }
    const lines = source.split("\n").length;
    const text = it.say(
      msg({ message: "{lines, plural, one {# line of Python} other {# lines of Python}}" }),
      { lines },
    );
    return it.say(msg({ message: "Compute with {code}" }), {
      code: it.slot("value", text, "/source", "Python"),
    });
  },
  "core.http_request": filled(
    msg({ message: "Send a {method} request to {url}" }),
    "method",
    "url",
  ),
  "core.manual": (it) => it.say(msg({ message: "Starts when somebody presses Run" })),
  "core.webhook": filled(
    msg({ message: "Starts when another system sends a {method} request" }),
    "method",
  ),
  "core.schedule": schedule,
  "core.form": filled(msg({ message: "Starts when somebody sends the form {title}" }), "title"),
  "core.after": after,
  "core.watch_url": filled(
    msg({ message: "Starts when the list at {url} has a new entry, looked at every {every_s}" }),
    "url",
    "every_s",
  ),
};
