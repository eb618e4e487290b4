/** Where a step goes on that is told elsewhere, and what comes together at it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { CornerDownRight, X } from "lucide-react";
import type { Doors } from "./context.ts";
import classes from "./sentence.module.css";

interface ReferencesProps {
  node: string;
  port: string;
  jumps: string;
  after: string;
  ends: boolean;
  readOnly: boolean;
  reached: boolean;
  doors: Doors;
}

const read = (text: string): [id: string, number: string][] =>
  text === "" ? [] : text.split("|").map((it) => it.split(" ") as [string, string]);

export function References(props: ReferencesProps) {
  const { node, port, jumps, after, ends, readOnly, reached, doors } = props;
  const { t } = useLingui();
  const tab = reached ? 0 : -1;
  return (
    <>
      {after !== "" && (
        <span className={classes.refs}>
          <Trans>comes from</Trans>{" "}
          {read(after).map(([id, number]) => (
            <button
              key={id}
              type="button"
              className={classes.ref}
              tabIndex={tab}
              aria-label={t`Go to step ${number}`}
              onClick={() => doors.go(id)}
            >
              {number}
            </button>
          ))}
        </span>
      )}
      {jumps !== "" && (
        <span className={classes.refs} data-onward>
          <CornerDownRight size={13} aria-hidden /> <Trans>continues at</Trans>{" "}
          {read(jumps).map(([id, number]) => (
            <span key={id} className={classes.pair}>
              <button
                type="button"
                className={classes.ref}
                tabIndex={tab}
                aria-label={t`Go to step ${number}`}
                onClick={() => doors.go(id)}
              >
                {number}
              </button>
              {!readOnly && (
                <button
                  type="button"
                  className={classes.cut}
                  tabIndex={tab}
                  aria-label={t`Do not continue at step ${number}`}
                  onClick={() => doors.disconnect(node, port, id)}
                >
                  <X size={12} aria-hidden />
                </button>
              )}
            </span>
          ))}
        </span>
      )}
      {ends && (
        <span className={classes.refs}>
          <Trans>and ends here</Trans>
        </span>
      )}
    </>
  );
}
