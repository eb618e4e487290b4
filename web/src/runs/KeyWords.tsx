/** The business keys of a run, in words: order #1042, customer ana@example.com. */
import type { BusinessKey } from "~/api/contract.ts";
import { Link } from "~/app/router.tsx";
import classes from "./list.module.css";
import { useRunWords } from "./words.tsx";

interface KeyWordsProps {
  keys: BusinessKey[];
  /** Each leads to everything that touched it. */
  linked?: boolean;
}

export function KeyWords({ keys, linked = false }: KeyWordsProps) {
  const words = useRunWords();
  return keys.map((key) => (
    <span key={`${key.kind} ${key.value}`} className={classes.key}>
      <span className={classes.kind}>{words.keyKind(key.kind)}</span>{" "}
      {linked ? (
        <Link className={classes.keyLink} to={timelinePath(key)}>
          {key.value}
        </Link>
      ) : (
        key.value
      )}
    </span>
  ));
}

export const timelinePath = ({ kind, value }: BusinessKey): string =>
  `/timeline?${new URLSearchParams({ kind, value })}`;
