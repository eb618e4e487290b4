/** A timeline's entries by day: what came, what was done, what is waited for, who did what. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Flag, Play, UserRound, Zap } from "lucide-react";
import type { ReactNode } from "react";
import type { Step } from "~/api/contract.ts";
import type { TimelineEntry } from "~/api/desk.ts";
import { FailureWords } from "~/runs/FailureWords.tsx";
import { StateMark } from "~/runs/StateMark.tsx";
import { iterationName } from "~/runs/step.ts";
import { useEventName, WaitWords } from "~/runs/WaitPanel.tsx";
import { useActWords, useRunWords } from "~/runs/words.tsx";
import { useFormat } from "~/ui/format.ts";
import { Link } from "../router.tsx";
import classes from "./timeline.module.css";

interface EntryListProps {
  /** The earliest first. */
  entries: TimelineEntry[];
}

export function EntryList({ entries }: EntryListProps) {
  const format = useFormat();
  const flows = new Map<string, string>();
  const days = new Map<string, TimelineEntry[]>();
  for (const entry of entries) {
    if (entry.what === "began") flows.set(entry.run, entry.item.flow_name);
    const day = format.day(entry.at);
    const known = days.get(day);
    if (known) known.push(entry);
    else days.set(day, [entry]);
  }
  return [...days].map(([day, those]) => (
    <section key={day} aria-label={day}>
      <h2 className={classes.day}>{day}</h2>
      <ol className={classes.entries}>
        {those.map((entry) => (
          <li key={nameOf(entry)} className={classes.entry} data-what={entry.what}>
            <time dateTime={entry.at}>{format.time(entry.at)}</time>
            <Entry entry={entry} flows={flows} />
          </li>
        ))}
      </ol>
    </section>
  ));
}

/** What tells one entry from all others. */
function nameOf(entry: TimelineEntry): string {
  if (entry.what === "event") return `event ${entry.event.id}`;
  const place =
    "step" in entry
      ? `${entry.step.node} ${entry.step.iteration.join(".")}`
      : `${entry.at} ${"act" in entry ? entry.act.what : ""}`;
  return `${entry.what} ${entry.run} ${place}`;
}

interface EntryProps {
  entry: TimelineEntry;
  /** Names of flows by run. */
  flows: Map<string, string>;
}

function Entry({ entry, flows }: EntryProps) {
  switch (entry.what) {
    case "event":
      return <EventEntry entry={entry} />;
    case "began":
      return (
        <Line icon={<Play size={15} aria-hidden />} run={entry.run}>
          <Trans>The flow “{entry.item.flow_name}” began</Trans>
        </Line>
      );
    case "ended":
      return <EndEntry entry={entry} flow={flows.get(entry.run) ?? entry.run} />;
    case "act":
      return <ActEntry entry={entry} />;
    default:
      return <StepEntry entry={entry} />;
  }
}

interface LineProps {
  icon: ReactNode;
  run?: string;
  children: ReactNode;
}

function Line({ icon, run, children }: LineProps) {
  return (
    <div className={classes.line}>
      <span className={classes.icon}>{icon}</span>
      <div className={classes.words}>
        {run === undefined ? children : <Link to={`/runs/${run}`}>{children}</Link>}
      </div>
    </div>
  );
}

type StepOf = Extract<TimelineEntry, { step: Step }>;
type EntryOf<What> = Extract<TimelineEntry, { what: What }>;

function EventEntry({ entry }: { entry: EntryOf<"event"> }) {
  const name = useEventName()(entry.event.type);
  return (
    <Line icon={<Zap size={15} aria-hidden />}>
      <strong>{name}</strong>
    </Line>
  );
}

function EndEntry({ entry, flow }: { entry: EntryOf<"ended">; flow: string }) {
  const words = useRunWords();
  const state = words.state(entry.state);
  return (
    <Line icon={<Flag size={15} aria-hidden />} run={entry.run}>
      <Trans>
        The flow “{flow}” ended: {state}
      </Trans>
      {entry.error && (
        <span className={classes.soft}>
          <FailureWords failure={entry.error} brief />
        </span>
      )}
    </Line>
  );
}

function ActEntry({ entry }: { entry: EntryOf<"act"> }) {
  const words = useActWords();
  const { act } = entry;
  return (
    <Line icon={<UserRound size={15} aria-hidden />} run={entry.run}>
      {act.actor_name ?? act.actor} {words(act)}
    </Line>
  );
}

function StepEntry({ entry }: { entry: StepOf }) {
  const { t } = useLingui();
  const { step, title, type, run } = entry;
  return (
    <div className={classes.line}>
      <span className={classes.icon}>
        <StateMark state={step.state} bare />
      </span>
      <div className={classes.words}>
        <Link to={`/runs/${run}`} aria-label={t`“${title}”, open the run`}>
          {title}
        </Link>
        {step.iteration.length > 0 && (
          <span className={classes.soft}>
            <Trans>Item {iterationName(step.iteration)}</Trans>
          </span>
        )}
        {step.error && (
          <span className={classes.soft}>
            <FailureWords failure={step.error} />
          </span>
        )}
        {step.state === "waiting" && (
          <div className={classes.soft}>
            <WaitWords step={step} type={type} />
          </div>
        )}
      </div>
    </div>
  );
}
