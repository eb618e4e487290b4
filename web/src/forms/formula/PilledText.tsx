/** A formula with its pills, drawn without the editor: while it loads, and where nobody writes. */

import type { ValueKind } from "~/model/formula.ts";
import { pillsIn } from "~/model/pill.ts";
import classes from "./formula.module.css";
import type { Describe } from "./shown.ts";

interface PilledTextProps {
  source: string;
  kind: ValueKind;
  describe: Describe;
}

export function PilledText({ source, kind, describe }: PilledTextProps) {
  const pills = pillsIn(source, kind);
  return (
    <span className={classes.still} data-text={kind === "text" || undefined}>
      {pills.map((pill, index) => {
        const shown = describe(source, pill);
        return (
          <span key={pill.from}>
            {source.slice(pills[index - 1]?.to ?? 0, pill.from)}
            <span className={classes.pill} data-lost={shown.lost === null ? undefined : ""}>
              <span className={classes.pillLabel}>{shown.label}</span>
              {shown.words.length > 0 && (
                <span className={classes.pillWords}>{shown.words.join(", ")}</span>
              )}
              {shown.value && <span className={classes.pillValue}>{shown.value}</span>}
            </span>
          </span>
        );
      })}
      {source.slice(pills.at(-1)?.to ?? 0)}
    </span>
  );
}
