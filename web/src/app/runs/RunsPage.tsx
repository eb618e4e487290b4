/** All runs, with filters that stand in the address, so that a view can be kept and sent. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Chip, Group, Select } from "@mantine/core";
import { CalendarSearch } from "lucide-react";
import { useMemo } from "react";
import { useFlows, useRunCounts } from "~/api/query.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { RunList } from "~/runs/RunList.tsx";
import { useRunWords } from "~/runs/words.tsx";
import { useFormat, useNow } from "~/ui/format.ts";
import { Link, navigate, useSearch } from "../router.tsx";
import { PageFrame } from "../shell/PageFrame.tsx";
import { AttentionBar } from "./AttentionBar.tsx";
import { BeganField } from "./BeganField.tsx";
import { type Asked, filterOf, isNarrowed, offered, readAsked, writeAsked } from "./filter.ts";
import { PeriodFields } from "./PeriodFields.tsx";
import classes from "./runs.module.css";
import { SearchField } from "./SearchField.tsx";

const MINUTE_MS = 60_000;

function show(asked: Asked): void {
  const text = writeAsked(asked).toString();
  navigate(`/runs${text === "" ? "" : `?${text}`}`, { replace: true });
}

export default function RunsPage() {
  const { t } = useLingui();
  const flows = useFlows();
  const address = useSearch().toString();
  const asked = useMemo(() => readAsked(new URLSearchParams(address)), [address]);
  const now = useNow(MINUTE_MS);
  const minute = now - (now % MINUTE_MS);
  const filter = useMemo(() => filterOf(asked, minute), [asked, minute]);
  const status = useLive(asked.flow === null ? {} : { flow: asked.flow });

  return (
    <PageFrame
      title={t`Runs`}
      lead={<Trans>Everything your flows did, are doing, or need you for.</Trans>}
      actions={
        <Button
          component={Link}
          to="/timeline"
          variant="default"
          leftSection={<CalendarSearch size={16} />}
        >
          <Trans>What happened to an order</Trans>
        </Button>
      }
    >
      <AttentionBar />
      <div className={classes.filters}>
        <SearchField
          words={asked.words}
          deep={asked.deep}
          onSearch={(words, deep) => show({ ...readNow(), words, deep })}
        />
        <Select
          className={classes.flow}
          aria-label={t`Flow`}
          placeholder={t`All flows`}
          clearable
          searchable
          nothingFoundMessage={t`No such flow`}
          data={(flows.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={asked.flow}
          onChange={(flow) => show({ ...asked, flow, trigger: null })}
        />
        <BeganField asked={asked} onChange={(changes) => show({ ...asked, ...changes })} />
        <PeriodFields asked={asked} onChange={(changes) => show({ ...asked, ...changes })} />
      </div>
      <StateChips asked={asked} filter={filter} />
      <LineNotice status={status} />
      <RunList
        query={filter}
        narrowed={isNarrowed(asked)}
        onClear={() => navigate("/runs", { replace: true })}
        {...(!asked.deep && { onSearchAll: () => show({ ...asked, deep: true }) })}
      />
    </PageFrame>
  );
}

/** The address as it is when somebody has finished typing, which may be later. */
const readNow = () => readAsked(new URLSearchParams(location.search));

interface StateChipsProps {
  asked: Asked;
  filter: ReturnType<typeof filterOf>;
}

/** Any number of states; none chosen shows them all. Each says how many there are. */
function StateChips({ asked, filter }: StateChipsProps) {
  const { t } = useLingui();
  const words = useRunWords();
  const format = useFormat();
  const { state: _state, text: _text, ...counted } = filter;
  const { data } = useRunCounts(counted);
  return (
    <Chip.Group
      multiple
      value={asked.states}
      onChange={(chosen) =>
        show({ ...asked, states: offered.filter((name) => chosen.includes(name)) })
      }
    >
      <Group gap={6} mb="md" role="group" aria-label={t`State`}>
        {offered.map((name) => {
          const count = data?.counts[name] ?? 0;
          return (
            <Chip key={name} value={name} size="sm" variant="light">
              {words.state(name)}
              {count > 0 && !asked.deep && (
                <span className={classes.count}> {format.number(count)}</span>
              )}
            </Chip>
          );
        })}
      </Group>
    </Chip.Group>
  );
}
