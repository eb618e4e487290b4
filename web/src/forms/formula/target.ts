/**
 * Where a field of the data goes: into the parameter that had the cursor last, or onto which it is
 * dropped. Data panes offer fields, forms take them; neither knows the other.
 */
import {
  type CSSProperties,
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
import { sameJson } from "~/api/json.ts";

/** What a dragged field carries: its place in the expression language. */
export const FIELD_MIME = "application/x-tramo-field";

/** Where in the window something was let go. */
export interface Point {
  x: number;
  y: number;
}

/** Where in its text a parameter would take what lies over a point; null where it would not say. */
export type CaretOf = (point: Point) => DOMRect | null;

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
  "data-caret"?: boolean;
  style?: CSSProperties;
  onFocus?: (event: FocusEvent) => void;
  onDragOver?: (event: DragEvent) => void;
  onDragLeave?: (event: DragEvent) => void;
  onDrop?: (event: DragEvent) => void;
}

const nothing: TargetProps = {};

const pointOf = (event: DragEvent): Point => ({ x: event.clientX, y: event.clientY });

/** What the frame of a parameter needs to draw a cursor in it. */
function caretIn(frame: Element, caret: DOMRect): CSSProperties {
  const { x, y } = frame.getBoundingClientRect();
  return {
    "--x": `${caret.x - x}px`,
    "--y": `${caret.y - y}px`,
    "--height": `${caret.height}px`,
  } as CSSProperties;
}

/** Makes a parameter a place for fields: what its frame has to carry. */
export function useTarget(
  pointer: string,
  title: string,
  insert: Target["insert"] | null,
  caretOf?: CaretOf,
): TargetProps {
  const store = useContext(TargetContext);
  const latest = useRef({ insert, caretOf });
  latest.current = { insert, caretOf };
  const [dropping, setDropping] = useState(false);
  const [caret, setCaret] = useState<CSSProperties | null>(null);
  const current = useStore(store, (state) => state.current === pointer);
  const offered = insert !== null;
  useEffect(() => {
    if (!offered) return;
    const target: Target = { title, insert: (path, point) => latest.current.insert?.(path, point) };
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
    const leave = () => {
      setDropping(false);
      setCaret(null);
    };
    const carries = (event: DragEvent) => event.dataTransfer.types.includes(FIELD_MIME);
    return {
      ...(current && { "data-target": true }),
      ...(dropping && { "data-dropping": true }),
      ...(caret && { "data-caret": true, style: caret }),
      onFocus: () => store.setState({ current: pointer }),
      onDragOver: (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = "copy";
        setDropping(true);
        const found = latest.current.caretOf?.(pointOf(event)) ?? null;
        const next = found && caretIn(event.currentTarget, found);
        setCaret((now) => (sameJson(now, next) ? now : next));
      },
      onDragLeave: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) leave();
      },
      onDrop: (event) => {
        leave();
        // A formula's editor has taken it in already.
        if (!carries(event) || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        store.setState({ current: pointer });
        latest.current.insert?.(event.dataTransfer.getData(FIELD_MIME), pointOf(event));
      },
    };
  }, [store, pointer, offered, current, dropping, caret]);
}
