import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Menu } from "@mantine/core";
import {
  CircleAlert,
  Copy,
  Download,
  Ellipsis,
  History,
  Pause,
  PencilLine,
  Play,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import type { FlowSummary } from "~/api/contract.ts";
import { useCatalog } from "~/api/query.ts";
import { StateMark } from "~/runs/StateMark.tsx";
import { Ago } from "~/ui/Moment.tsx";
import { NodeIcon } from "~/ui/NodeIcon.tsx";
import { Link, navigate } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { DeleteFlowDialog } from "./DeleteFlowDialog.tsx";
import { FlowStateBadge } from "./FlowStateBadge.tsx";
import { useFlowCommands } from "./flow.ts";
import classes from "./flows.module.css";

export function FlowRow({ flow }: { flow: FlowSummary }) {
  return (
    <li className={classes.row}>
      <TriggerIcon types={flow.triggers} />
      <div className={classes.body}>
        <Link className={classes.name} to={`/flows/${flow.id}`}>
          {flow.name}
        </Link>
        <div className={classes.facts}>
          <Starts types={flow.triggers} />
          {flow.problem_count > 0 && (
            <span className={classes.problems}>
              <CircleAlert size={14} aria-hidden />
              <Plural value={flow.problem_count} one="# problem" other="# problems" />
            </span>
          )}
          {flow.draft_changed && flow.state !== "draft" && (
            <span>
              <PencilLine size={14} aria-hidden />
              <Trans>Unpublished changes</Trans>
            </span>
          )}
        </div>
      </div>
      <div className={classes.last}>
        {flow.last_run ? (
          <>
            <Link className={classes.run} to={`/runs/${flow.last_run.id}`}>
              <StateMark state={flow.last_run.state} />
            </Link>
            <span className={classes.when}>
              <Ago at={flow.last_run.started_at} />
            </span>
          </>
        ) : (
          <span className={classes.when}>
            <Trans>Has not run yet</Trans>
          </span>
        )}
      </div>
      <FlowStateBadge state={flow.state} />
      <FlowMenu flow={flow} />
    </li>
  );
}

function TriggerIcon({ types }: { types: string[] }) {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  const type = catalog.data?.node_types.find((known) => known.type === types[0]);
  return (
    <span className={classes.icon}>
      <NodeIcon type={type} size={42} />
    </span>
  );
}

/** The events that start a flow, by the names they have in the palette. */
function Starts({ types }: { types: string[] }) {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  if (types.length === 0) return <Trans>No event starts it yet</Trans>;
  // Without the names yet: ids of types are no words.
  if (!catalog.data) return null;
  const names = types.map(
    (name) => catalog.data.node_types.find((type) => type.type === name)?.title ?? name,
  );
  const list = new Intl.ListFormat(i18n.locale, { type: "disjunction" }).format(names);
  return <Trans>Event: {list}</Trans>;
}

function FlowMenu({ flow }: { flow: FlowSummary }) {
  const { t } = useLingui();
  const canEdit = useCanEdit();
  const [deleting, setDeleting] = useState(false);
  const { pause, resume, duplicate, download } = useFlowCommands(flow);
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={210}>
        <Menu.Target>
          <ActionIcon
            className={classes.menu}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t`More for “${flow.name}”`}
          >
            <Ellipsis size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {canEdit && flow.state === "active" && (
            <Menu.Item leftSection={<Pause size={16} />} onClick={pause}>
              <Trans>Pause</Trans>
            </Menu.Item>
          )}
          {canEdit && flow.state === "paused" && (
            <Menu.Item leftSection={<Play size={16} />} onClick={resume}>
              <Trans>Resume</Trans>
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<History size={16} />}
            onClick={() => navigate(`/runs?flow=${flow.id}`)}
          >
            <Trans>Show its runs</Trans>
          </Menu.Item>
          {canEdit && (
            <Menu.Item leftSection={<Copy size={16} />} onClick={duplicate}>
              <Trans>Duplicate</Trans>
            </Menu.Item>
          )}
          <Menu.Item leftSection={<Download size={16} />} onClick={download}>
            <Trans>Export as a file</Trans>
          </Menu.Item>
          {canEdit && (
            <>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<Trash2 size={16} />}
                onClick={() => setDeleting(true)}
              >
                <Trans>Delete…</Trans>
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <DeleteFlowDialog flow={flow} opened={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}
