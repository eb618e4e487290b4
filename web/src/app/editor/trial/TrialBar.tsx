/** What can be tried at a node: run it alone, up to it, from it on; pin data to it. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Menu, Tooltip } from "@mantine/core";
import { ChevronDown, FastForward, Pin, PinOff, Play, SkipForward } from "lucide-react";
import { memo, Suspense, useState } from "react";
import type { FlowNode } from "~/model/flow.ts";
import { isTrigger } from "~/model/port.ts";
import { later } from "~/ui/later.ts";
import { Ago } from "~/ui/Moment.tsx";
import { useKnown } from "../data.ts";
import { unlessReads } from "../same.ts";
import { usePinning, useTrials } from "./act.ts";
import { useStarter } from "./start.tsx";
import classes from "./trial.module.css";

const PinDialog = later(async () => ({ default: (await import("./PinDialog.tsx")).PinDialog }));

export const TrialBar = memo(
  function TrialBar({ node }: { node: FlowNode }) {
    const { t } = useLingui();
    const { types } = useKnown();
    const { busy, start, dialog } = useStarter();
    const { ended, begin } = useTrials(start);
    const trigger = isTrigger(types.get(node.type));
    return (
      <div className={classes.bar}>
        {!trigger && (
          <Button.Group>
            <Button
              size="xs"
              variant="light"
              loading={busy}
              leftSection={<Play size={14} />}
              onClick={() => begin(node.id, { only: node.id })}
            >
              <Trans>Run this node</Trans>
            </Button>
            <Menu position="bottom-start" width={300}>
              <Menu.Target>
                <Button size="xs" variant="light" px={8} aria-label={t`More ways to run it`}>
                  <ChevronDown size={14} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  leftSection={<SkipForward size={16} />}
                  onClick={() => begin(node.id, { until: node.id })}
                >
                  <Trans>Run up to here</Trans>
                  <small className={classes.hint}>
                    <Trans>Everything that leads here, and nothing behind it.</Trans>
                  </small>
                </Menu.Item>
                <Menu.Item
                  leftSection={<FastForward size={16} />}
                  disabled={!ended}
                  onClick={() => begin(node.id, { from: node.id })}
                >
                  <Trans>Run from here</Trans>
                  <small className={classes.hint}>
                    {ended ? (
                      <Trans>This node and what follows, with the data of the last run.</Trans>
                    ) : (
                      <Trans>It needs the data of a run that has ended.</Trans>
                    )}
                  </small>
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Button.Group>
        )}
        <PinMenu node={node} />
        {dialog}
      </div>
    );
  },
  unlessReads("label", "note"),
);

/** Pins what the last run gave, or data that somebody types; says what is pinned. */
function PinMenu({ node }: { node: FlowNode }) {
  const { t } = useLingui();
  const { pinned } = useKnown();
  const { lastOf, pinLast, unpin, change } = usePinning();
  const [editing, setEditing] = useState(false);
  const pin = pinned.get(node.id);
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Tooltip
            label={
              pin ? (
                <Trans>
                  Runs by hand take pinned data. Pinned <Ago at={pin.updated_at} />
                </Trans>
              ) : (
                <Trans>Keep data for trials</Trans>
              )
            }
          >
            <Button
              size="xs"
              variant={pin ? "filled" : "default"}
              leftSection={<Pin size={14} />}
              aria-label={pin ? t`Pinned data` : t`Pin data`}
            >
              {pin ? <Trans>Pinned</Trans> : <Trans>Pin</Trans>}
            </Button>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {lastOf(node.id) && (
            <Menu.Item leftSection={<Pin size={16} />} onClick={() => void pinLast(node.id)}>
              <Trans>Pin what the last run gave</Trans>
            </Menu.Item>
          )}
          <Menu.Item leftSection={<Pin size={16} />} onClick={() => setEditing(true)}>
            {pin ? <Trans>Edit the pinned data…</Trans> : <Trans>Pin other data…</Trans>}
          </Menu.Item>
          {pin && (
            <Menu.Item leftSection={<PinOff size={16} />} onClick={() => void unpin(node.id)}>
              <Trans>Unpin</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {editing && <PinDialog node={node} onClose={() => setEditing(false)} onPin={change} />}
      </Suspense>
    </>
  );
}
