/** What a new flow starts with: the question how it begins. */
import { Trans } from "@lingui/react/macro";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { useKnown } from "./data.ts";
import classes from "./editor.module.css";

/** The triggers people start with, the plainest last. */
export const firstTriggers = [
  "shopify.order_created",
  "core.webhook",
  "core.schedule",
  "core.manual",
];

export function EmptyCanvas({ onAdd }: { onAdd: (type: string) => void }) {
  const { types } = useKnown();
  const offered = firstTriggers.flatMap((name) => {
    const type = types.get(name);
    return type?.available ? [type] : [];
  });
  return (
    <div className={classes.empty}>
      <h2>
        <Trans>How does this flow start?</Trans>
      </h2>
      <p>
        <Trans>A trigger starts it: choose one here, or any other from the list of nodes.</Trans>
      </p>
      <div className={classes.starts}>
        {offered.map((type) => (
          <button
            key={type.type}
            type="button"
            className={classes.start}
            data-start={type.type}
            onClick={() => onAdd(type.type)}
          >
            <NodeIcon type={type} size={34} />
            <span>{type.title}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
