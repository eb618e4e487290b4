/**
 * Who has the open flow open, and which one page edits it.
 *
 * This page says every few seconds that it is here. Whether it may edit is the server's word, and
 * holds until the server says otherwise; work that was not saved when somebody took over is kept.
 */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { api } from "~/api/client.ts";
import type { LiveFlow, LivePresence, Person } from "~/api/contract.ts";
import type { LiveOptions } from "~/api/live.ts";
import { isProblem } from "~/api/problem.ts";
import type { FlowDocument } from "~/model/flow.ts";
import { useSession } from "../../session/session.ts";
import { type EditorStore, useEditorStore } from "../store.ts";
import { dropKept, keepCopy, readKept } from "./kept.ts";

const beat_ms = 8_000;
const soon_ms = 250;

export interface Presence {
  /** Everybody's tabs but this one. */
  others: Person[];
  /** Who edits, where it is not this page. */
  editor: Person | null;
  /** Whether the page may change the draft. */
  mayEdit: boolean;
  /** Who took over from this page, until it edits again or the notice is dismissed. */
  takenBy: string | null;
  /** What was not saved when somebody took over. */
  kept: FlowDocument | null;
  take: () => Promise<void>;
  forget: () => void;
}

const alone: Presence = {
  others: [],
  editor: null,
  mayEdit: true,
  takenBy: null,
  kept: null,
  take: async () => {},
  forget: () => {},
};

export const PresenceContext = createContext<Presence>(alone);
export const usePresence = (): Presence => useContext(PresenceContext);

const bare = (etag: string) => etag.replace(/^W\//, "").replaceAll('"', "");
const isUnsaved = (store: EditorStore) => {
  const { history, saved } = store.getState();
  return history.flow !== saved;
};

type Heard = Required<Pick<LiveOptions, "onFlow" | "onPresence" | "onResumed">>;

/** Takes part in a flow; the second value is what live events are told to. */
export function useTakingPart(canEdit: boolean): [Presence, Heard] {
  const store = useEditorStore();
  const session = useSession();
  const { tab } = store.getState();
  const id = store.getState().saved.id;
  const [people, setPeople] = useState<Person[] | null>(null);
  const [mayEdit, setMayEdit] = useState(canEdit);
  const [takenBy, setTakenBy] = useState<string | null>(null);
  const [kept, setKept] = useState<FlowDocument | null>(() => readKept(id));
  // What the last answer said; the state above follows once the draft has been read.
  const edits = useRef<boolean | null>(null);

  /** Shows the server's draft; what was done here, even while it was read, gives way to `force` only. */
  const read = useCallback(
    async (force = false) => {
      const { etag } = store.getState();
      const flow = await api.flows.get(id);
      const untouched = !isUnsaved(store) && store.getState().etag === etag;
      if (force || untouched) store.getState().follow(flow);
    },
    [store, id],
  );

  const lose = useCallback(
    async (by: Person) => {
      if (isUnsaved(store)) {
        const { flow } = store.getState().history;
        keepCopy(flow);
        setKept(flow);
      }
      if (by.user !== session.user.id) setTakenBy(by.name);
      await read(true).catch(() => {}); // Read again at the next beat.
      setMayEdit(false);
    },
    [store, session.user.id, read],
  );

  const settle = useCallback(
    async (all: Person[], etag: string | null) => {
      setPeople((known) => (JSON.stringify(known) === JSON.stringify(all) ? known : all));
      const editor = all.find((person) => person.edits) ?? null;
      const mine = canEdit && editor?.tab === tab;
      const before = edits.current;
      edits.current = mine;
      if (before !== false && !mine && editor && canEdit) {
        // At the very first there is nothing to lose: somebody was here before.
        if (before === null && !isUnsaved(store)) setMayEdit(false);
        else await lose(editor);
        return;
      }
      const stale = etag === null ? mine : bare(etag) !== bare(store.getState().etag);
      // A page that only reads has nothing of its own to lose.
      if (before !== true && stale) await read(before === false);
      if (mine && before === false) {
        setMayEdit(true);
        setTakenBy(null);
      }
    },
    [canEdit, tab, store, lose, read],
  );

  const say = useCallback(
    async (wish: "read" | "edit" | "take") => {
      const answer = await api.flows.join(id, tab, wish, store.getState().opened);
      await settle(answer.people, answer.etag);
    },
    [id, tab, store, settle],
  );
  const beat = useCallback(() => {
    say(canEdit ? "edit" : "read").catch((error) => {
      // A beat that is lost is made up for by the next one.
      if (isProblem(error, "flow.unknown")) store.getState().meetDeletion();
    });
  }, [say, canEdit, store]);

  useBeats(store, beat);
  useEffect(() => {
    const leave = () => void api.flows.leave(id, tab).catch(() => {});
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [id, tab]);

  const heard = useMemo(
    (): Heard => ({
      onPresence: (news: LivePresence) => {
        if (news.flow_id === id && news.people.some((it) => it.tab === tab)) {
          settle(news.people, null).catch(() => {});
          if (canEdit && !news.people.some((it) => it.edits)) beat();
        }
      },
      onFlow: (news: LiveFlow) => {
        if (news.what !== "draft" || news.tab === tab || isUnsaved(store)) return;
        if (news.etag && bare(news.etag) === bare(store.getState().etag)) return;
        read().catch(() => {});
      },
      onResumed: beat,
    }),
    [id, tab, canEdit, store, settle, read, beat],
  );
  const others = useMemo(() => (people ?? []).filter((it) => it.tab !== tab), [people, tab]);
  const presence = useMemo(
    (): Presence => ({
      others,
      editor: others.find((it) => it.edits) ?? null,
      mayEdit,
      takenBy,
      kept,
      take: () => say("take"),
      forget: () => {
        dropKept(id);
        setKept(null);
        setTakenBy(null);
      },
    }),
    [others, mayEdit, takenBy, kept, say, id],
  );
  return [presence, heard];
}

/** Says that the page is here: regularly, and soon after what it looks at has changed. */
function useBeats(store: EditorStore, beat: () => void): void {
  useEffect(() => {
    beat();
    const regular = setInterval(beat, beat_ms);
    let soon: ReturnType<typeof setTimeout> | undefined;
    const stop = store.subscribe((state, before) => {
      if (state.opened === before.opened && state.refusals === before.refusals) return;
      clearTimeout(soon);
      soon = setTimeout(beat, soon_ms);
    });
    const shown = () => {
      if (document.visibilityState === "visible") beat();
    };
    document.addEventListener("visibilitychange", shown);
    addEventListener("online", beat);
    return () => {
      clearInterval(regular);
      clearTimeout(soon);
      stop();
      document.removeEventListener("visibilitychange", shown);
      removeEventListener("online", beat);
    };
  }, [store, beat]);
}
