/** What went wrong, one line for each cause and day, until somebody says that they have seen it. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, SegmentedControl } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { BellRing, Check } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Alert } from "~/api/desk.ts";
import { keys, useAlerts } from "~/api/query.ts";
import { FailureWords } from "~/runs/FailureWords.tsx";
import { useFormat } from "~/ui/format.ts";
import { Ago } from "~/ui/Moment.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { Link } from "../router.tsx";
import { InboxFrame } from "./InboxFrame.tsx";
import classes from "./inbox.module.css";

export default function AlertsPage() {
  const { t } = useLingui();
  const [view, setView] = useState<"new" | "all">("new");
  const alerts = useAlerts(view === "new" ? { seen: false } : {});
  const items = alerts.items;
  return (
    <InboxFrame
      title={t`Alerts`}
      lead={
        <Trans>
          Failures and silences of your flows: told once for each cause and day, counted after that.
        </Trans>
      }
    >
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t`Which alerts`}
          value={view}
          onChange={(next) => setView(next === "all" ? "all" : "new")}
          data={[
            { value: "new", label: t`Not seen yet` },
            { value: "all", label: t({ message: "All", context: "alerts" }) },
          ]}
        />
      </div>
      {alerts.isPending && <LoadingRows />}
      {alerts.error && !items && (
        <Failure error={alerts.error} onRetry={() => void alerts.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty icon={<BellRing size={26} />} title={<Trans>No alert</Trans>}>
          <Trans>Nothing has failed that you have not seen.</Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className={classes.list} aria-label={t`Alerts`}>
          {items.map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
      {alerts.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={alerts.isFetchingNextPage}
          onClick={() => void alerts.fetchNextPage()}
        >
          <Trans>Show older alerts</Trans>
        </Button>
      )}
    </InboxFrame>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const title = useAlertTitle()(alert);
  const see = async () => {
    try {
      await api.alerts.markSeen(alert.id);
    } catch (problem) {
      say(problemText(problem), "problem");
    }
    await queries.invalidateQueries({ queryKey: keys.alerts });
  };
  return (
    <li className={classes.row} data-new={alert.state === "new" || undefined}>
      <BellRing size={17} aria-hidden />
      <div>
        <p className={classes.name}>{title}</p>
        {alert.error ? (
          <p>
            <FailureWords failure={alert.error} />
          </p>
        ) : (
          alert.message !== "" && <p>{alert.message}</p>
        )}
        <p className={classes.where}>
          <span>
            <Plural value={alert.count} one="# time" other="# times" />
            {" · "}
            <Ago at={alert.last_at} />
          </span>
          {alert.run !== null && (
            <Link to={`/runs/${alert.run}`}>
              <Trans>Open the run</Trans>
            </Link>
          )}
          {alert.flow !== null && (
            <Link to={`/flows/${alert.flow}`}>
              <Trans>Open the flow</Trans>
            </Link>
          )}
          {alert.kind === "connection" && (
            <Link to="/connections">
              <Trans>Open the connections</Trans>
            </Link>
          )}
        </p>
      </div>
      {alert.state === "new" ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<Check size={14} />}
          aria-label={t`Seen: ${title}`}
          onClick={() => void see()}
        >
          <Trans>Seen</Trans>
        </Button>
      ) : (
        <span className={classes.soft}>{alert.seen_at !== null && <Ago at={alert.seen_at} />}</span>
      )}
    </li>
  );
}

/** What an alert is about, in the reader's language. */
function useAlertTitle(): (alert: Alert) => string {
  const { t } = useLingui();
  const format = useFormat();
  return ({ kind, flow, flow_name, node, node_title, details }) => {
    const name = flow_name ?? flow ?? "";
    const step = node_title ?? node;
    const figure = (field: string) => format.number(Number(details[field] ?? 0));
    switch (kind) {
      case "failed":
        return step === null ? t`“${name}” failed` : t`“${name}” failed at “${step}”`;
      case "asking":
        return step === null
          ? t`“${name}” asks what happened`
          : t`“${name}” asks whether “${step}” happened`;
      case "quarantined":
        return t`A run of “${name}” was set aside`;
      case "connection":
        return t`The connection “${String(details.connection ?? "")}” is not accepted any more`;
      case "watch":
        return t`“${name}” ran ${figure("count")} times; at least ${figure("at_least")} were expected`;
      case "paused":
        return t`“${name}” was paused after ${figure("count")} failures in a row`;
      default:
        return name;
    }
  };
}
