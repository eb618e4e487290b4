/** All runs, with filters that stand in the address, so that a view can be kept and sent. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Chip, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import type { RunQuery, RunState } from "~/api/contract.ts";
import { useFlows } from "~/api/query.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { RunList } from "~/runs/RunList.tsx";
import { useRunWords } from "~/runs/words.tsx";
import { navigate, useSearch } from "../router.tsx";
import { PageFrame } from "../shell/PageFrame.tsx";
import classes from "./runs.module.css";

/** What people look for first comes first. */
const offered: RunState[] = ["asking", "failed", "running", "waiting", "succeeded", "cancelled"];
const TYPING_PAUSE_MS = 300;

function move(changes: Record<string, string | null>): void {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) search.set(name, value);
    else search.delete(name);
  }
  const text = search.toString();
  navigate(`/runs${text === "" ? "" : `?${text}`}`, { replace: true });
}

export default function RunsPage() {
  const { t } = useLingui();
  const words = useRunWords();
  const search = useSearch();
  const flows = useFlows();
  const state = search.get("state") ?? "";
  const flow = search.get("flow") ?? undefined;
  const q = search.get("q") ?? undefined;
  const status = useLive(flow === undefined ? {} : { flow });
  const known = offered.find((name) => name === state);
  const query: RunQuery = {
    ...(flow !== undefined && { flow }),
    ...(known !== undefined && { state: known }),
    ...(q !== undefined && { q }),
  };

  return (
    <PageFrame
      title={t`Runs`}
      lead={<Trans>Everything your flows did, are doing, or need you for.</Trans>}
    >
      <div className={classes.filters}>
        <SearchField text={q ?? ""} />
        <Select
          className={classes.flow}
          aria-label={t`Flow`}
          placeholder={t`All flows`}
          clearable
          searchable
          nothingFoundMessage={t`No such flow`}
          data={(flows.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={flow ?? null}
          onChange={(value) => move({ flow: value })}
        />
      </div>
      <Chip.Group value={known ?? ""} onChange={(value) => move({ state: String(value) })}>
        <Group gap={6} mb="md" role="group" aria-label={t`State`}>
          <Chip value="" size="sm" variant="light">
            <Trans>All</Trans>
          </Chip>
          {offered.map((name) => (
            <Chip key={name} value={name} size="sm" variant="light">
              {words.state(name)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <LineNotice status={status} />
      <RunList query={query} onClear={() => navigate("/runs", { replace: true })} />
    </PageFrame>
  );
}

function SearchField({ text }: { text: string }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(text);
  const [settled] = useDebouncedValue(typed, TYPING_PAUSE_MS);

  useEffect(() => {
    if (settled.trim() !== (new URLSearchParams(location.search).get("q") ?? "")) {
      move({ q: settled.trim() });
    }
  }, [settled]);
  // The address can change without typing: "Show all runs", or the back button.
  useEffect(() => setTyped((now) => (now.trim() === text ? now : text)), [text]);

  return (
    <TextInput
      className={classes.search}
      type="search"
      aria-label={t`Search runs`}
      placeholder={t`Order number, customer, SKU…`}
      leftSection={<Search size={16} />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
