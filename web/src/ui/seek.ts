/** Brings the focus to something that may still have to be drawn, however long that takes. */
import { isHolding } from "./held.ts";

const longest_ms = 15_000;
/** What opens around it may take the focus a moment later: it is brought back. */
const watched_frames = 20;

/**
 * A `ref` by which a field has the focus as soon as it is drawn.
 *
 * Dialogs give it to their `data-autofocus` a moment later, when what was typed at once is lost.
 */
export const takeFocus = (field: HTMLElement | null): void => field?.focus({ preventScroll: true });

let stopLast = () => {};

/**
 * Focuses what `find` gives as soon as it gives something.
 *
 * It ends when the person turns to something else, or with the next search; what it returns ends it.
 */
export function seekFocus(find: () => HTMLElement | null | undefined): () => void {
  stopLast();
  const until_ms = performance.now() + longest_ms;
  let frame = 0;
  let seen = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    removeEventListener("pointerdown", stop, true);
    removeEventListener("keydown", turn, true);
  };
  const turn = () => {
    if (!isHolding()) stop();
  };
  const look = () => {
    const found = find();
    if (found && !found.contains(document.activeElement)) found.focus({ preventScroll: true });
    if (found) seen += 1;
    if (seen > watched_frames || performance.now() > until_ms) stop();
    else frame = requestAnimationFrame(look);
  };
  addEventListener("pointerdown", stop, true);
  addEventListener("keydown", turn, true);
  look();
  stopLast = stop;
  return stop;
}
