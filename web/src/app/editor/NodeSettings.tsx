/** What every node can be told: what to do on errors, how often to try, how long, and a note. */
import { Trans, useLingui } from "@lingui/react/macro";
import {
  Collapse,
  NativeSelect,
  NumberInput,
  Stack,
  Textarea,
  UnstyledButton,
} from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { memo, useState } from "react";
import type { Json } from "~/api/json.ts";
import { mayStand, setInside } from "~/model/box.ts";
import { type NodeField, setField } from "~/model/edit.ts";
import type { FlowNode } from "~/model/flow.ts";
import { nodeTitle } from "~/model/variable.ts";
import { useKnown } from "./data.ts";
import classes from "./panel.module.css";
import { unlessReads } from "./same.ts";
import { useEditorStore } from "./store.ts";

export const NodeSettings = memo(
  function NodeSettings({ node }: { node: FlowNode }) {
    const { types } = useKnown();
    const [open, setOpen] = useState(false);
    const kind = types.get(node.type)?.kind;
    return (
      <div>
        <UnstyledButton
          className={classes.fold}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight size={15} data-open={open || undefined} />
          <Trans>Settings</Trans>
        </UnstyledButton>
        <Collapse expanded={open}>
          <Stack gap="md" mt="sm">
            {kind !== "trigger" && <LoopSetting node={node} />}
            {kind !== "trigger" && <ErrorSettings node={node} />}
            <NoteField node={node} />
          </Stack>
        </Collapse>
      </div>
    );
  },
  unlessReads("label", "params"),
);

function useSetField(node: FlowNode) {
  const store = useEditorStore();
  return (field: NodeField, value: Json | undefined) => {
    const { history, perform } = store.getState();
    perform(setField(history.flow, node.id, field, value));
  };
}

/** Puts a node in or out of a loop without dragging it. */
function LoopSetting({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const store = useEditorStore();
  const { types, readOnly } = useKnown();
  const { flow } = store.getState().history;
  const loops = flow.nodes.filter(
    (it) => it.type === "core.for_each" && mayStand(flow, types, node.id, it.id),
  );
  if (loops.length === 0) return null;
  return (
    <NativeSelect
      label={t`Done for each item of`}
      description={t`Edges that would cross the border of the box are removed.`}
      value={node.inside ?? ""}
      disabled={readOnly}
      onChange={(event) => {
        const { history, perform } = store.getState();
        const inside = event.currentTarget.value || null;
        perform(setInside(history.flow, types, node.id, inside));
      }}
      data={[
        { value: "", label: t`No loop: done once` },
        ...loops.map(({ id }) => ({ value: id, label: nodeTitle(flow, types, id) })),
      ]}
    />
  );
}

function ErrorSettings({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const { types, readOnly } = useKnown();
  const set = useSetField(node);
  const effect = types.get(node.type)?.effect;
  const attempts = node.retry?.attempts;
  return (
    <>
      <NativeSelect
        label={t`When it fails`}
        value={node.on_error ?? "stop"}
        disabled={readOnly}
        onChange={(event) => {
          const value = event.currentTarget.value;
          set("on_error", value === "stop" ? undefined : value);
        }}
        data={[
          { value: "stop", label: t`Stop the run` },
          { value: "branch", label: t`Leave by the error port` },
          { value: "continue", label: t`Go on as if nothing had happened` },
        ]}
      />
      <NumberInput
        label={t`Tries in all`}
        description={t`After a passing error, such as no answer. The first try counts.`}
        min={1}
        max={20}
        allowDecimal={false}
        placeholder="4"
        readOnly={readOnly}
        value={typeof attempts === "number" ? attempts : ""}
        onChange={(value) => {
          const { attempts: _, ...rest } = node.retry ?? {};
          const retry = typeof value === "number" ? { ...rest, attempts: value } : rest;
          set("retry", Object.keys(retry).length > 0 ? retry : undefined);
        }}
      />
      <NumberInput
        label={t`Longest time, in seconds`}
        min={1}
        max={86_400}
        allowDecimal={false}
        readOnly={readOnly}
        value={typeof node.timeout_s === "number" ? node.timeout_s : ""}
        onChange={(value) => set("timeout_s", typeof value === "number" ? value : undefined)}
      />
      {effect === "never_repeat" && (
        <NativeSelect
          label={t`When nobody knows whether it happened`}
          value={node.on_doubt ?? "ask"}
          disabled={readOnly}
          onChange={(event) => {
            const value = event.currentTarget.value;
            set("on_doubt", value === "ask" ? undefined : value);
          }}
          data={[
            { value: "ask", label: t`Ask a person` },
            { value: "skip", label: t`Take it as done and go on` },
            { value: "repeat", label: t`Do it again` },
          ]}
        />
      )}
    </>
  );
}

function NoteField({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const { readOnly } = useKnown();
  const set = useSetField(node);
  return (
    <Textarea
      label={t`Note`}
      description={t`For whoever looks at this flow next.`}
      autosize
      minRows={2}
      readOnly={readOnly}
      value={node.note ?? ""}
      onChange={(event) => set("note", event.currentTarget.value || undefined)}
    />
  );
}
