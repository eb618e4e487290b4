/**
 * Keys that are pressed before what they are meant for has come: they wait for it.
 *
 * Somebody who knows the way types on at once, however long a part of the page takes to be loaded.
 * Without this, those letters would fall on the page and be taken for its shortcuts. It knows no part.
 */

/** Longer than this nobody's keys are kept from them: what was typed is let go. */
const longest_ms = 15_000;
const named = /^(Enter|Tab|Escape|Backspace|Delete|Home|End|Arrow(Up|Down|Left|Right))$/;

const awaited = new Set<symbol>();
let held: KeyboardEvent[] = [];
let pressing = false;
let limit: ReturnType<typeof setTimeout> | undefined;

/** Holds the keys that are pressed from now on; what it gives lets them go, where the focus is then. */
export function holdKeys(): () => void {
  const what = Symbol();
  awaited.add(what);
  clearTimeout(limit);
  limit = setTimeout(giveUp, longest_ms);
  addEventListener("keydown", hold, true);
  addEventListener("pointerdown", giveUp, true);
  return () => {
    if (awaited.delete(what)) void pressAgain();
  };
}

export const isHolding = (): boolean => awaited.size > 0 || pressing;

/** Whoever turns to something else with the pointer no longer means what they have typed. */
function giveUp(): void {
  awaited.clear();
  held = [];
  clearTimeout(limit);
  removeEventListener("keydown", hold, true);
  removeEventListener("pointerdown", giveUp, true);
}

function hold(event: KeyboardEvent): void {
  if (!event.isTrusted || event.isComposing || event.ctrlKey || event.metaKey) return;
  if ([...event.key].length > 1 && !named.test(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  held.push(event);
}

async function pressAgain(): Promise<void> {
  if (pressing) return;
  pressing = true;
  // What has just come may take the focus a moment after it was drawn.
  await nextFrame();
  await nextFrame();
  // A key may ask for the next part: the ones after it wait for that.
  while (awaited.size === 0) {
    const event = held.shift();
    if (!event) break;
    press(event);
    await nextTurn();
  }
  pressing = false;
  if (awaited.size === 0) giveUp();
}

/** Does what the browser would do for the key, for events from a script do nothing by themselves. */
function press(event: KeyboardEvent): void {
  const target = document.activeElement ?? document.body;
  const { key, code, location, shiftKey, altKey } = event;
  const how = { key, code, location, shiftKey, altKey, bubbles: true, cancelable: true };
  const free = target.dispatchEvent(new KeyboardEvent("keydown", { ...how, composed: true }));
  if (free) actOn(target, key);
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keyup", how));
}

function actOn(target: Element, key: string): void {
  const pressable = target.matches("button, a[href], summary, [type=checkbox], [type=radio]");
  if (pressable && (key === "Enter" || key === " ")) (target as HTMLElement).click();
  else if (key === "Enter" && target instanceof HTMLInputElement) target.form?.requestSubmit();
  else if (key === "Enter") document.execCommand("insertLineBreak");
  else if (key === "Backspace") document.execCommand("delete");
  else if (key === "Delete") document.execCommand("forwardDelete");
  else if ([...key].length === 1) document.execCommand("insertText", false, key);
}

const nextFrame = () => new Promise((resume) => requestAnimationFrame(resume));
const nextTurn = () => new Promise((resume) => setTimeout(resume));
