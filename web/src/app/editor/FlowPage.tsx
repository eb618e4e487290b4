/** The editor of one flow: loads what it needs, then edits the draft or shows a run. */

import { useLingui } from "@lingui/react";
import { Trans } from "@lingui/react/macro";
import { Button, Center, Stack, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { api } from "~/api/client.ts";
import type { Catalog, Flow } from "~/api/contract.ts";
import { useCatalog } from "~/api/query.ts";
import { PinnedContext } from "~/canvas/context.ts";
import { findNode } from "~/model/flow.ts";
import { nodeTypesOf } from "~/model/port.ts";
import { useLive } from "~/runs/live.ts";
import { later } from "~/ui/later.ts";
import { Failure } from "~/ui/Notice.tsx";
import { useGuide } from "../guide/guide.ts";
import { Link, useSearch } from "../router.tsx";
import { useCanEdit, useSession } from "../session/session.ts";
import { useTitle } from "../title.ts";
import { Waiting } from "../Waiting.tsx";
import { DraftEditor } from "./DraftEditor.tsx";
import { KnownContext, useKnowledge, usePins, useSampleRun } from "./data.ts";
import { useNarrow } from "./narrow.ts";
import { PresenceContext, useTakingPart } from "./presence/presence.ts";
import { rememberedLook } from "./sentence/look.ts";
import { createEditor, EditorContext, useEditor } from "./store.ts";

const liveSource = ({ number, version }: { number: number | null; version: string }) =>
  number === null ? version : String(number);

const GuideCard = later(async () => ({
  default: (await import("../guide/GuideCard.tsx")).GuideCard,
}));
const RunMode = later(async () => ({ default: (await import("./RunMode.tsx")).RunMode }));

export default function FlowPage({ id }: { id: string }) {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  // Read afresh at each opening, and never behind the back of who edits it.
  const flow = useQuery({
    queryKey: ["editor", id],
    queryFn: () => api.flows.get(id),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const error = flow.error ?? catalog.error;
  const opened = useKept(id, flow.data);
  const known = useKept(i18n.locale, catalog.data);
  if (opened && known) {
    return <Opened key={id} loaded={opened} catalog={known} />;
  }
  return (
    <Center component="main" h="100%" p="md">
      <VisuallyHidden component="h1">
        <Trans>One flow</Trans>
      </VisuallyHidden>
      {error ? (
        <Stack align="center" gap="sm">
          <Failure
            error={error}
            title={<Trans>This flow could not be opened</Trans>}
            onRetry={() => void Promise.all([flow.refetch(), catalog.refetch()])}
          />
          <Button component={Link} to="/flows" variant="subtle">
            <Trans>Go to the flows</Trans>
          </Button>
        </Stack>
      ) : (
        <Waiting />
      )}
    </Center>
  );
}

/** What was read once stays while it is read again, as after another sign-in: the work stands on it. */
function useKept<Value>(key: string, value: Value | undefined): Value | undefined {
  const [kept, keep] = useState({ key, value });
  if (kept.key !== key || (value !== undefined && kept.value !== value)) keep({ key, value });
  return value ?? (kept.key === key ? kept.value : undefined);
}

function Opened({ loaded, catalog }: { loaded: Flow; catalog: Catalog }) {
  const user = useSession().user.id;
  const narrow = useNarrow();
  const asked = useSearch().get("node");
  const [store] = useState(() => {
    const made = createEditor(
      loaded,
      () => performance.now(),
      rememberedLook(user, narrow),
      nodeTypesOf(catalog),
    );
    // A link leads to one node of the flow, such as the one that failed.
    const { history, open } = made.getState();
    if (asked !== null && findNode(history.flow, asked)) open(asked);
    return made;
  });
  return (
    <EditorContext value={store}>
      <Modes loaded={loaded} catalog={catalog} />
    </EditorContext>
  );
}

function Modes({ loaded, catalog }: { loaded: Flow; catalog: Catalog }) {
  const canEdit = useCanEdit();
  const run = useSearch().get("run");
  const guide = useGuide();
  const last = useSampleRun(loaded.id);
  const pins = usePins(loaded.id);
  const [presence, heard] = useTakingPart(canEdit);
  const known = useKnowledge(catalog, last, pins, !canEdit || !presence.mayEdit);
  const name = useEditor((state) => state.history.flow.name);
  useTitle(name);
  useLive({ flow: loaded.id, also: heard });
  return (
    <PresenceContext value={presence}>
      <KnownContext value={known}>
        <PinnedContext value={pins}>
          {run !== null ? (
            <Suspense fallback={<Waiting />}>
              <RunMode key={run} id={run} />
            </Suspense>
          ) : (
            <DraftEditor
              state={loaded.state}
              addresses={loaded.published?.addresses ?? []}
              live={loaded.published && liveSource(loaded.published)}
            />
          )}
          {guide.flow === loaded.id && !guide.over && (
            <Suspense>
              <GuideCard />
            </Suspense>
          )}
        </PinnedContext>
      </KnownContext>
    </PresenceContext>
  );
}
