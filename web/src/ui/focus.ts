/**
 * The focus is never lost: when what has it goes away, it goes back to where it came from.
 *
 * Dialogs, menus, panels and rows need not remember who opened them. Whoever knows a better place
 * than the last one, such as the next row of a list, puts the focus there as before.
 */
import { type RefObject, useEffect } from "react";

/** So many places are remembered; who goes back further begins at the page's start. */
const remembered = 24;

/** Where the focus was put by this module, until the person acts. */
let returned: Element | null = null;

/** Whether nothing holds the focus that a person has put it on. */
export function isFocusFree(): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || activeElement === returned;
}

const isOff = (element: Element) => element.matches(":disabled, [inert] *");
const canHave = (element: HTMLElement) =>
  element.isConnected && !isOff(element) && (element.checkVisibility?.() ?? true);

/** Watches over the focus of the page; gives the way to stop that. */
export function keepFocus(): () => void {
  const places: HTMLElement[] = [];
  /** What has the focus, or would have it if it were not gone or switched off for a while. */
  let holder: HTMLElement | null = null;

  const arrive = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    if (target !== returned) returned = null;
    holder = target;
    if (places.at(-1) === target) return;
    places.push(target);
    if (places.length > remembered) places.shift();
  };
  const act = () => {
    returned = null;
  };
  const restore = () => {
    if (holder === null || document.activeElement !== document.body) return;
    if (holder.isConnected && isOff(holder)) return;
    const last = places.findLast(canHave) ?? document.querySelector("main");
    if (!last) return;
    returned = last;
    last.focus({ preventScroll: true });
  };
  const leave = ({ target, relatedTarget }: FocusEvent) => {
    if (target !== holder) return;
    // Whoever hears this may change the page before the next field has the focus: nothing is lost.
    holder = null;
    if (relatedTarget !== null) return;
    queueMicrotask(() => {
      // What is still there was left on purpose, as by a click beside it.
      if (holder !== null || !(target instanceof HTMLElement) || canHave(target)) return;
      holder = target;
      restore();
    });
  };
  const watcher = new MutationObserver(restore);
  watcher.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });
  const stop = new AbortController();
  const { signal } = stop;
  document.addEventListener("focusin", arrive, { signal });
  // Before anybody else hears it, for the same reason.
  document.addEventListener("focusout", leave, { signal, capture: true });
  addEventListener("keydown", act, { capture: true, signal });
  addEventListener("pointerdown", act, { capture: true, signal });
  return () => {
    watcher.disconnect();
    stop.abort();
  };
}

export function useKeptFocus(): void {
  useEffect(keepFocus, []);
}

/** Puts the focus where `data-autofocus` says as soon as this is there; dialogs do so only once. */
export function useFocusWithin(place: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    place.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus({ preventScroll: true });
  }, [place]);
}
