/** The focus in a node's form: led to what is to be filled in, and noted where it has been. */
import { type FocusEvent, type RefObject, useEffect, useMemo, useRef } from "react";
import { useConnections } from "~/api/query.ts";
import { firstEmpty } from "~/model/empty.ts";
import { type FlowNode, findNode } from "~/model/flow.ts";
import { isHolding } from "~/ui/held.ts";
import { seekFocus } from "~/ui/seek.ts";
import { useKnown } from "./data.ts";
import { firstToFill, useEditor, useEditorStore } from "./store.ts";

/** The innermost field that holds a place. */
function fieldAt(form: HTMLElement, place: string): HTMLElement | null {
  const holding = [...form.querySelectorAll<HTMLElement>("[data-pointer]")].filter((field) => {
    const { pointer = "" } = field.dataset;
    return place === pointer || place.startsWith(`${pointer}/`);
  });
  return holding.at(-1) ?? null;
}

const underParams = "/params";
const inForm = (inside: string): string =>
  inside.startsWith(underParams) ? inside.slice(underParams.length) : inside;
const account = "/connection";
const inNode = (pointer: string): string => (pointer === account ? pointer : underParams + pointer);

/** What can be typed into or chosen with; a place that is still to be chosen is a button. */
const fillable = "input, textarea, [contenteditable], button[data-empty]";

/** Leads the focus to the field that is sought; the account comes first where there is a choice. */
export function useSought(box: RefObject<HTMLElement | null>, node: FlowNode): void {
  const store = useEditorStore();
  const sought = useEditor((state) => state.sought);
  const { types } = useKnown();
  const { items } = useConnections();
  const type = types.get(node.type);
  const { connector } = type ?? {};
  const accounts = items?.filter((it) => it.connector === connector).length;
  const asksAccount = type?.connection === "required" && accounts !== undefined && accounts !== 1;
  /** What was sought when the person went on by themselves: nobody is called back. */
  const gone = useRef<string | null>(null);

  useEffect(() => {
    if (sought === null) gone.current = null;
    if (sought === null || gone.current === sought) return;
    const isFirst = sought === firstToFill;
    const placeSought = (): string | null => {
      if (!isFirst) return sought;
      const now = findNode(store.getState().history.flow, node.id);
      if (asksAccount && !now?.connection) return account;
      const empty = type && firstEmpty(type.params_schema, now?.params);
      return empty ? inNode(empty) : null;
    };
    const place = placeSought();
    if (place === null) return;
    let shown: HTMLElement | null = null;
    const stop = seekFocus(() => {
      const field = box.current && fieldAt(box.current, inForm(place));
      if (field !== shown && !isFirst) field?.scrollIntoView({ block: "center" });
      shown = field;
      const within = document.activeElement;
      if (within instanceof HTMLElement && field?.contains(within)) return within;
      return field?.querySelector<HTMLElement>(fillable);
    });
    const goOn = () => {
      if (!isHolding()) gone.current = sought;
    };
    addEventListener("keydown", goOn, true);
    addEventListener("pointerdown", goOn, true);
    return () => {
      stop();
      removeEventListener("keydown", goOn, true);
      removeEventListener("pointerdown", goOn, true);
    };
  }, [store, box, node.id, sought, type, asksAccount]);
}

const pointerOf = (target: EventTarget | null): string | null =>
  target instanceof Element
    ? (target.closest<HTMLElement>("[data-pointer]")?.dataset.pointer ?? null)
    : null;

/**
 * Notes which fields people have been through: one that they leave for another, or with the form
 * as a whole, lacks something from then on. Where the form itself led them, that is no visit until
 * they type.
 */
export function useVisits(box: RefObject<HTMLElement | null>, node: string) {
  const store = useEditorStore();
  const been = useRef(new Set<string>());
  useEffect(() => {
    const visited = been.current;
    return () => {
      for (const pointer of visited) store.getState().leave(node, inNode(pointer));
    };
  }, [store, node]);
  return useMemo(() => {
    const visit = (event: { target: EventTarget }) => {
      const pointer = pointerOf(event.target);
      if (pointer !== null) been.current.add(pointer);
    };
    return {
      onInput: visit,
      onPointerDown: visit,
      onBlur: (event: FocusEvent) => {
        const [from, to] = [pointerOf(event.target), pointerOf(event.relatedTarget)];
        const within = box.current?.contains(event.relatedTarget as Node | null);
        if (from === null || !within || to === from || to?.startsWith(`${from}/`)) return;
        store.getState().leave(node, inNode(from));
      },
    };
  }, [store, box, node]);
}
