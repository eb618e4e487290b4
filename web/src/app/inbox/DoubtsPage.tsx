/** Steps of which nobody knows whether they happened: one by one, or many after an outage. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Checkbox, Select } from "@mantine/core";
import { CircleHelp } from "lucide-react";
import { useState } from "react";
import type { Doubt, DoubtFilter } from "~/api/desk.ts";
import { useConnections, useDoubtAnswers, useDoubts, useFlows } from "~/api/query.ts";
import { AnswerPanel } from "~/runs/AnswerPanel.tsx";
import { KeyWords } from "~/runs/KeyWords.tsx";
import { headKeys } from "~/runs/key.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { iterationName } from "~/runs/step.ts";
import { useActWords } from "~/runs/words.tsx";
import { Ago } from "~/ui/Moment.tsx";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { useSettling } from "~/ui/settle.ts";
import { Link } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import { BulkAnswerBar } from "./BulkAnswerBar.tsx";
import { InboxFrame } from "./InboxFrame.tsx";
import classes from "./inbox.module.css";

export default function DoubtsPage() {
  const { t } = useLingui();
  const [filter, setFilter] = useState<DoubtFilter>({});
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const doubts = useDoubts(filter);
  const status = useLive();
  const canEdit = useCanEdit();
  const items = doubts.items;
  const settling = useSettling(items?.map(nameOf) ?? []);
  const runs = [...new Set(items?.map(({ run }) => run.id))];
  const picked = runs.filter((run) => chosen.has(run));

  const narrow = (changes: DoubtFilter) => {
    setChosen(new Set());
    setFilter(changes);
  };
  const toggle = (run: string) => {
    const next = new Set(chosen);
    if (!next.delete(run)) next.add(run);
    setChosen(next);
  };

  return (
    <InboxFrame
      title={t`Doubts`}
      lead={
        <Trans>
          A request was sent and its answer was lost. Tramo sends nothing twice by itself: look on
          the other side and say what happened.
        </Trans>
      }
    >
      <LineNotice status={status} />
      <DoubtFilters filter={filter} onChange={narrow} />
      {doubts.isPending && <LoadingRows rows={3} height={150} />}
      {doubts.error && !items && (
        <Failure error={doubts.error} onRetry={() => void doubts.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty icon={<CircleHelp size={26} />} title={<Trans>Nothing is in doubt</Trans>}>
          <Trans>Of everything that was sent, it is known what became of it.</Trans>
        </Empty>
      )}
      {items && items.length > 0 && (
        <>
          {canEdit && runs.length > 1 && (
            <Checkbox
              mb="sm"
              label={t`Choose all that are shown`}
              checked={picked.length === runs.length}
              indeterminate={picked.length > 0 && picked.length < runs.length}
              onChange={(event) =>
                setChosen(event.currentTarget.checked ? new Set(runs) : new Set())
              }
            />
          )}
          <ul className={classes.cards} aria-label={t`Steps in doubt`} {...settling}>
            {items.map((doubt) => (
              <DoubtCard
                key={nameOf(doubt)}
                doubt={doubt}
                canEdit={canEdit}
                chosen={chosen.has(doubt.run.id)}
                {...(runs.length > 1 && { onChoose: () => toggle(doubt.run.id) })}
              />
            ))}
          </ul>
        </>
      )}
      {doubts.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={doubts.isFetchingNextPage}
          onClick={() => void doubts.fetchNextPage()}
        >
          <Trans>Show older doubts</Trans>
        </Button>
      )}
      {picked.length > 0 && <BulkAnswerBar runs={picked} onDone={() => setChosen(new Set())} />}
      <Answered />
    </InboxFrame>
  );
}

const nameOf = ({ run, step }: Doubt) => `${run.id} ${step.node} ${step.iteration.join(".")}`;

interface DoubtFiltersProps {
  filter: DoubtFilter;
  onChange: (filter: DoubtFilter) => void;
}

function DoubtFilters({ filter, onChange }: DoubtFiltersProps) {
  const { t } = useLingui();
  const flows = useFlows();
  const connections = useConnections();
  const set = (name: "flow" | "connection") => (value: string | null) => {
    const { [name]: _old, ...rest } = filter;
    onChange(value === null ? rest : { ...rest, [name]: value });
  };
  return (
    <div className={classes.bar}>
      <Select
        aria-label={t`Flow`}
        placeholder={t`All flows`}
        clearable
        searchable
        data={(flows.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={filter.flow ?? null}
        onChange={set("flow")}
      />
      <Select
        aria-label={t`Connection`}
        placeholder={t`All connections`}
        clearable
        searchable
        data={(connections.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={filter.connection ?? null}
        onChange={set("connection")}
      />
    </div>
  );
}

interface DoubtCardProps {
  doubt: Doubt;
  canEdit: boolean;
  chosen: boolean;
  onChoose?: () => void;
}

function DoubtCard({ doubt, canEdit, chosen, onChoose }: DoubtCardProps) {
  const { t } = useLingui();
  const { run, step, title, costly } = doubt;
  const about = headKeys(run.keys)[0]?.value ?? run.id;
  return (
    <li className={classes.card}>
      <div className={classes.where}>
        {canEdit && onChoose && (
          <Checkbox
            aria-label={t`Choose “${title}” of ${about}`}
            checked={chosen}
            onChange={onChoose}
          />
        )}
        <Link to={`/runs/${run.id}`}>{run.flow_name}</Link>
        {run.keys.length > 0 && (
          <span>
            <KeyWords keys={headKeys(run.keys)} linked />
          </span>
        )}
        {step.iteration.length > 0 && (
          <span>
            <Trans>Item {iterationName(step.iteration)}</Trans>
          </span>
        )}
        {step.started_at !== null && <Ago at={step.started_at} />}
        {costly && (
          <span className={classes.costly}>
            <Trans>Costs money</Trans>
          </span>
        )}
      </div>
      <AnswerPanel run={run} step={step} title={title} canAnswer={canEdit} about={about} />
    </li>
  );
}

/** What was said lately, and by whom. */
function Answered() {
  const { t } = useLingui();
  const answers = useDoubtAnswers();
  const words = useActWords();
  const items = answers.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-label={t`Answered`}>
      <h2 className={classes.section}>
        <Trans>Answered</Trans>{" "}
        <span className={classes.soft}>
          <Plural value={items.length} one="# answer" other="# answers" />
        </span>
      </h2>
      <ul className={classes.list}>
        {items.map((act) => (
          <li
            key={`${act.at} ${act.run} ${act.node} ${act.iteration.join(".")}`}
            className={classes.row}
          >
            <span className={classes.name}>{act.actor_name ?? act.actor}</span>
            <span>
              {words(act)}
              {" · "}
              <Link to={`/runs/${act.run}`}>
                <Trans>open the run</Trans>
              </Link>
            </span>
            <span className={classes.soft}>
              <Ago at={act.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
