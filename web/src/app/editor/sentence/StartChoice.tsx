/** What a new flow asks first, told as sentences: how it begins. */
import { Trans } from "@lingui/react/macro";
import { Search } from "lucide-react";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { useKnown } from "../data.ts";
import { firstTriggers } from "../EmptyCanvas.tsx";
import classes from "./sentence.module.css";

interface StartChoiceProps {
  onChoose: (type: string) => void;
  onSearch: () => void;
}

export function StartChoice({ onChoose, onSearch }: StartChoiceProps) {
  const { types } = useKnown();
  const offered = firstTriggers.flatMap((name) => {
    const type = types.get(name);
    return type?.available ? [type] : [];
  });
  return (
    <section className={classes.start}>
      <h2>
        <Trans>How does this flow start?</Trans>
      </h2>
      <ul>
        {offered.map((type) => (
          <li key={type.type}>
            <button
              type="button"
              className={classes.choice}
              data-start={type.type}
              onClick={() => onChoose(type.type)}
            >
              <NodeIcon type={type} size={34} />
              <span>
                <strong>{type.title}</strong>
                <small>{type.summary}</small>
              </span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" className={classes.choice} onClick={onSearch}>
            <span className={classes.other}>
              <Search size={18} aria-hidden />
            </span>
            <span>
              <strong>
                <Trans>Something else…</Trans>
              </strong>
            </span>
          </button>
        </li>
      </ul>
    </section>
  );
}
