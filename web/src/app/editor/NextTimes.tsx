/** The next times at which a schedule fires, while it is being written. */
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useTimetable } from "~/api/query.ts";
import type { FlowNode } from "~/model/flow.ts";
import { useFormat } from "~/ui/format.ts";
import { useProblemText } from "~/ui/problem.ts";
import classes from "./panel.module.css";
import { useEditor } from "./store.ts";

const TYPING_PAUSE_MS = 400;

export function NextTimes({ node }: { node: FlowNode }) {
  const { cron, every_s } = node.params ?? {};
  return cron == null && every_s == null ? null : <Times node={node} />;
}

function Times({ node }: { node: FlowNode }) {
  const zone = useEditor((state) => state.history.flow.timezone);
  const [params] = useDebouncedValue(node.params ?? {}, TYPING_PAUSE_MS);
  const { data, error } = useTimetable(params, zone ?? "UTC");
  const format = useFormat();
  const problemText = useProblemText();
  if (error) {
    return (
      <Text size="sm" c="var(--tramo-ink-soft)" role="status">
        {problemText(error)}
      </Text>
    );
  }
  if (!data || data.next.length === 0) return null;
  return (
    <section className={classes.times}>
      <Text size="sm" fw={600} component="h3">
        <Trans>Fires next ({data.timezone})</Trans>
      </Text>
      <ol>
        {data.next.map((at) => (
          <li key={at}>
            <time dateTime={at}>{format.inZone(at, data.timezone)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}
