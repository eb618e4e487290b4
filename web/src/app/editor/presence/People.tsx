/** Who else has the flow open: initials in the bar, and at the node that they look at. */
import { Plural, useLingui } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { Person } from "~/api/contract.ts";
import { Tip } from "~/ui/Tip.tsx";
import { useSession } from "../../session/session.ts";
import classes from "./presence.module.css";
import { usePresence } from "./presence.ts";

const hues = 6;
const most = 4;

/** Two letters by which a person is known. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]?.slice(0, 2)];
  return letters
    .map((word) => (words.length > 1 ? ([...(word ?? "")][0] ?? "") : (word ?? "")))
    .join("")
    .toLocaleUpperCase();
}

/** The same colour for a person on every page. */
export function hueOf(user: string): number {
  let sum = 0;
  for (const letter of user) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % hues;
}

function Initials({ person, small = false }: { person: Person; small?: boolean }) {
  return (
    <span
      className={classes.initials}
      data-hue={hueOf(person.user)}
      data-small={small || undefined}
      aria-hidden
    >
      {initialsOf(person.name)}
    </span>
  );
}

export function People() {
  const { t } = useLingui();
  const { others } = usePresence();
  const session = useSession();
  const people = useMemo(
    () => [...new Map(others.map((person) => [person.user, person])).values()],
    [others],
  );
  const guests = people.filter(({ user }) => user !== session.user.id);
  if (guests.length === 0) return null;
  const said = (person: Person) =>
    person.edits ? t`${person.name} is editing` : t`${person.name} is looking`;
  const more = guests.slice(most);
  return (
    <ul className={classes.people} aria-label={t`Also here`}>
      {guests.slice(0, most).map((person) => (
        <Tip key={person.user} label={said(person)}>
          <li>
            <Initials person={person} />
            <VisuallyHidden>{said(person)}</VisuallyHidden>
          </li>
        </Tip>
      ))}
      {more.length > 0 && (
        <li className={classes.more}>
          <Plural value={more.length} one="+# more" other="+# more" />
        </li>
      )}
    </ul>
  );
}

/** The initials of those who look at a node, by node. */
export function useGuests(): ReadonlyMap<string, ReactNode> {
  const { t } = useLingui();
  const { others } = usePresence();
  return useMemo(() => {
    const byNode = new Map<string, Person[]>();
    for (const person of others) {
      if (person.node === null) continue;
      byNode.set(person.node, [...(byNode.get(person.node) ?? []), person]);
    }
    return new Map(
      [...byNode].map(([node, guests]) => [
        node,
        <span
          key={node}
          className={classes.guests}
          role="img"
          aria-label={t`${guests.map((it) => it.name).join(", ")} here`}
        >
          {guests.map((person) => (
            <Initials key={person.tab} person={person} small />
          ))}
        </span>,
      ]),
    );
  }, [others, t]);
}
