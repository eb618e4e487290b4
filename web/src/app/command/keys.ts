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
import { isPressed, isSingleCharacter } from "./shortcut.ts";

const takesText = 'input, textarea, select, [contenteditable="true"]';
const hasKeysOfItsOwn = '[role="dialog"], [role="menu"], [role="tree"], [role="tablist"]';
const isPressedByKeys = 'button, a[href], summary, [role="button"], [role="option"], [data-panel]';

/** What commands may be given from where the focus is. */
export function hearing(target: EventTarget | null): Set<AppCommand["heard"]> {
  const heard = new Set<AppCommand["heard"]>(["everywhere"]);
  if (!(target instanceof Element)) return heard.add("page").add("canvas");
  if (target.closest(`${takesText}, ${hasKeysOfItsOwn}`)) return heard;
  heard.add("page");
  if (!target.closest(isPressedByKeys)) heard.add("canvas");
  return heard;
}

/** The command that a key press gives, with the shortcut that was pressed. */
export function commandFor(
  registry: CommandRegistry,
  event: KeyboardEvent,
): { command: AppCommand; pressed: string } | null {
  const heard = hearing(event.target);
  const letters = lettersWork();
  // Who came last speaks first: what lies on top has the keys.
  for (const command of commandsIn(registry).reverse()) {
    if (!heard.has(command.heard ?? "page")) continue;
    const pressed = shortcutsOf(command).find(
      (it) => (letters || !isSingleCharacter(it)) && isPressed(event, it),
    );
    if (pressed !== undefined && isEnabled(command)) return { command, pressed };
  }
  return null;
}

export function useCommandKeys(): void {
  const registry = useContext(RegistryContext);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const found = commandFor(registry, event);
      if (!found) return;
      event.preventDefault();
      found.command.run(found.pressed);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [registry]);
}
