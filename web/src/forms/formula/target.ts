/**
 * Where a field of the data goes: into the parameter that had the cursor last, or onto which it is
 * dropped. Data panes offer fields, forms take them; neither knows the other.
 */
import {
  createContext,
  type DragEvent,
  type FocusEvent,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { createStore, useStore } from "zustand";

/** What a dragged field carries: its place in the expression language. */
export const FIELD_MIME = "application/x-tramo-field";

/** Where in the window something was let go. */
export interface Point {
  x: number;
  y: number;
}

export interface Target {
  title: string;
  insert: (path: string, point?: Point) => void;
}

interface Targets {
  all: ReadonlyMap<string, Target>;
  /** The parameter that had the cursor last, by its pointer. */
  current: string | null;
}

export function createTargets() {
  return createStore<Targets>()(() => ({ all: new Map(), current: null }));
}
export type TargetStore = ReturnType<typeof createTargets>;

export const TargetContext = createContext<TargetStore>(createTargets());

/** The parameter into which a click puts a field, if there is one. */
export function useCurrentTarget(): Target | null {
  return useStore(useContext(TargetContext), ({ all, current }) =>
    current === null ? null : (all.get(current) ?? null),
  );
}

export interface TargetProps {
  "data-target"?: boolean;
  "data-dropping"?: boolean;
  onFocus?: (event: FocusEvent) => void;
  onDragOver?: (event: DragEvent) => void;
  onDragLeave?: (event: DragEvent) => void;
  onDrop?: (event: DragEvent) => void;
}

const nothing: TargetProps = {};

/** Makes a parameter a place for fields: what its frame has to carry. */
export function useTarget(
  pointer: string,
  title: string,
  insert: Target["insert"] | null,
): TargetProps {
  const store = useContext(TargetContext);
  const latest = useRef(insert);
  latest.current = insert;
  const [dropping, setDropping] = useState(false);
  const current = useStore(store, (state) => state.current === pointer);
  const offered = insert !== null;
  useEffect(() => {
    if (!offered) return;
    const target: Target = { title, insert: (path, point) => latest.current?.(path, point) };
    store.setState(({ all }) => ({ all: new Map(all).set(pointer, target) }));
    return () =>
      store.setState(({ all }) => {
        const rest = new Map(all);
        if (rest.get(pointer) === target) rest.delete(pointer);
        return { all: rest };
      });
  }, [store, pointer, title, offered]);
  return useMemo(() => {
    if (!offered) return nothing;
    const carries = (event: DragEvent) => event.dataTransfer.types.includes(FIELD_MIME);
    return {
      ...(current && { "data-target": true }),
      ...(dropping && { "data-dropping": true }),
      onFocus: () => store.setState({ current: pointer }),
      onDragOver: (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = "copy";
        setDropping(true);
      },
      onDragLeave: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false);
      },
      onDrop: (event) => {
        setDropping(false);
        if (!carries(event)) return;
        event.preventDefault();
        event.stopPropagation();
        store.setState({ current: pointer });
        const point = { x: event.clientX, y: event.clientY };
        latest.current?.(event.dataTransfer.getData(FIELD_MIME), point);
      },
    };
  }, [store, pointer, offered, current, dropping]);
}
