/** The one listener for shortcuts: from a key press to the command that hears it. */
import { useContext, useEffect } from "react";
import { lettersWork } from "./letters.ts";
import {
  type AppCommand,
  type CommandRegistry,
  commandsIn,
  isEnabled,
  RegistryContext,
  shortcutsOf,
} from "./registry.ts";
import { isPressed, isSingleCharacter, pressesOf } from "./shortcut.ts";

const isTicked = '[type="radio"], [type="checkbox"]';
const takesText = `input:not(${isTicked}), textarea, select, [contenteditable="true"]`;
const hasKeysOfItsOwn = '[role="dialog"], [role="menu"], [role="tree"], [role="tablist"]';
const isPressedByKeys =
  'button, input, a[href], summary, [role="button"], [role="option"], [data-panel]';

/** Fields that were typed in: what is taken back there is the browser's to know. */
const typedIn = new WeakSet<EventTarget>();

function noteTyping({ target }: Event): void {
  if (target) typedIn.add(target);
}

/** What a field's form pasted by itself is a change of the page, and none that a browser knows. */
function notePaste({ target, defaultPrevented }: Event): void {
  if (target && defaultPrevented) typedIn.delete(target);
}

/** What commands may be given from where the focus is. */
export function hearing(target: EventTarget | null): Set<AppCommand["heard"]> {
  const heard = new Set<AppCommand["heard"]>(["everywhere"]);
  if (!(target instanceof Element)) return heard.add("page").add("untouched").add("canvas");
  if (target.closest(hasKeysOfItsOwn)) return heard;
  if (target.closest(takesText)) {
    const untouched = target.matches("input, textarea") && !typedIn.has(target);
    return untouched ? heard.add("untouched") : heard;
  }
  heard.add("page").add("untouched");
  if (!target.closest(isPressedByKeys)) heard.add("canvas");
  return heard;
}

interface Given {
  command: AppCommand;
  pressed: string;
}

/**
 * The command that a key press gives, with the shortcut that was pressed; `"begun"` where the key
 * only begins one. `first` is the key that began one just before, or null.
 */
export function commandFor(
  registry: CommandRegistry,
  event: KeyboardEvent,
  first: string | null,
): Given | "begun" | null {
  const heard = hearing(event.target);
  const letters = lettersWork();
  let begun = false;
  // Who came last speaks first: what lies on top has the keys.
  for (const command of commandsIn(registry).reverse()) {
    if (!heard.has(command.heard ?? "page")) continue;
    for (const pressed of shortcutsOf(command)) {
      if (!letters && isSingleCharacter(pressed)) continue;
      const [one = "", two] = pressesOf(pressed);
      const awaited = two === undefined ? one : first === one ? two : null;
      if (awaited !== null && isPressed(event, awaited) && isEnabled(command)) {
        if ((two !== undefined) === (first !== null)) return { command, pressed };
      }
      if (first === null && two !== undefined && isPressed(event, one)) begun = true;
    }
  }
  return begun ? "begun" : null;
}

/** How long the second key of a shortcut may take. */
const between_ms = 1_500;

export function useCommandKeys(): void {
  const registry = useContext(RegistryContext);
  useEffect(() => {
    let first: { key: string; timer: ReturnType<typeof setTimeout> } | null = null;
    const forget = () => {
      clearTimeout(first?.timer);
      first = null;
    };
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.key === "Shift") return;
      const found = commandFor(registry, event, first?.key ?? null);
      forget();
      if (found === null) return;
      event.preventDefault();
      // Held down to move the canvas, it is not pressed again and again.
      if (event.repeat && event.key === " ") return;
      if (found !== "begun") return found.command.run(found.pressed);
      first = { key: event.key.toUpperCase(), timer: setTimeout(forget, between_ms) };
    };
    addEventListener("keydown", press);
    addEventListener("input", noteTyping, true);
    addEventListener("paste", notePaste);
    return () => {
      removeEventListener("keydown", press);
      removeEventListener("input", noteTyping, true);
      removeEventListener("paste", notePaste);
      forget();
    };
  }, [registry]);
}
