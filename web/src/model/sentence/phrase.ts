/** The words of conditions, values and connections, as messages of the catalogue. */
import { msg } from "@lingui/core/macro";

export const phrases = {
  and: msg({ message: "{left} and {right}" }),
  or: msg({ message: "{left} or {right}" }),
  not: msg({ message: "not {condition}" }),
  equal: msg({ message: "{left} is {right}" }),
  different: msg({ message: "{left} is not {right}" }),
  more: msg({ message: "{left} is more than {right}" }),
  less: msg({ message: "{left} is less than {right}" }),
  atLeast: msg({ message: "{left} is at least {right}" }),
  atMost: msg({ message: "{left} is at most {right}" }),
  among: msg({ message: "{left} is among {right}" }),
  notAmong: msg({ message: "{left} is not among {right}" }),
  known: msg({ message: "{left} is there" }),
  unknown: msg({ message: "{left} is not there" }),
  empty: msg({ message: "{left} is empty" }),
  full: msg({ message: "{left} is not empty" }),
  yes: msg({ message: "yes", context: "value" }),
  no: msg({ message: "no", context: "value" }),
  nothing: msg({ message: "nothing", context: "value" }),
  quoted: msg({ message: "“{text}”" }),
  set: msg({ message: "{name}: {value}" }),
  with: msg({ message: "{what} with {details}" }),
  detail: msg({ message: "{name} {value}", context: "a parameter and its value in a sentence" }),
  moreFields: msg({ message: "{count, plural, one {# more} other {# more}}" }),
  missing: msg({ message: "{field}: to fill in" }),
} as const;
