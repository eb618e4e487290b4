/**
 * Shortcuts as they are written down ("Mod+Shift+L"), pressed, and shown on a person's platform.
 *
 * Written: `Mod` (Cmd on Apple, Ctrl elsewhere), `Ctrl`, `Alt`, `Shift`, then a key: a letter or
 * digit by its place on the keyboard, anything else by its name ("ArrowLeft", "Enter", "?"). Two
 * keys one after the other are written with a space: "G F".
 */

export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export const isApple: boolean =
  typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

interface Parts {
  modifiers: Set<string>;
  key: string;
}

function partsOf(shortcut: string): Parts {
  const parts = shortcut.split("+");
  // "Mod++" ends in the plus key itself.
  const key = shortcut.endsWith("+") ? "+" : (parts.at(-1) ?? "");
  return { modifiers: new Set(parts.slice(0, -1).filter(Boolean)), key };
}

const isLetter = (key: string): boolean => /^[A-Z]$/.test(key);
const isDigit = (key: string): boolean => /^[0-9]$/.test(key);
/** A sign that takes Shift on some keyboards and not on others: what counts is the sign. */
const isSign = (key: string): boolean => key.length === 1 && !isLetter(key) && !isDigit(key);

function isKey(press: Press, key: string): boolean {
  // A letter is the one that is printed on the key, so that "Mod+Z" is where a person finds Z; its
  // place counts only where the keyboard prints no Latin letters.
  if (isLetter(key)) {
    const printed = press.key.toUpperCase();
    return isLetter(printed) ? printed === key : press.code === `Key${key}`;
  }
  if (isDigit(key)) return press.code === `Digit${key}` || press.key === key;
  return press.key === (key === "Space" ? " " : key);
}

/** Whether a key press is this shortcut, with no modifier more or less. */
export function isPressed(press: Press, shortcut: string, apple = isApple): boolean {
  const { modifiers, key } = partsOf(shortcut);
  const ctrl = modifiers.has("Ctrl") || (modifiers.has("Mod") && !apple);
  const meta = modifiers.has("Mod") && apple;
  return (
    press.ctrlKey === ctrl &&
    press.metaKey === meta &&
    press.altKey === modifiers.has("Alt") &&
    (isSign(key) || press.shiftKey === modifiers.has("Shift")) &&
    isKey(press, key)
  );
}

/** The keys of a shortcut that are pressed one after the other; most have one. */
export const pressesOf = (shortcut: string): string[] => shortcut.split(" ");

/** Whether a shortcut is one plain character, which speech and shaky hands set off by mistake. */
export function isSingleCharacter(shortcut: string): boolean {
  const { modifiers, key } = partsOf(pressesOf(shortcut)[0] ?? "");
  modifiers.delete("Shift");
  return modifiers.size === 0 && key.length === 1;
}

const signs: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
};
const appleSigns: Record<string, string> = {
  ...signs,
  Mod: "⌘",
  Ctrl: "⌃",
  Alt: "⌥",
  Shift: "⇧",
  Enter: "↩",
  Delete: "⌦",
  Backspace: "⌫",
};

/** The keys of a shortcut one by one, as they are printed on the person's keyboard. */
export function shownKeys(shortcut: string, apple = isApple): string[] {
  const { modifiers, key } = partsOf(shortcut);
  const names: Record<string, string> = apple ? appleSigns : { ...signs, Mod: "Ctrl" };
  return [...modifiers, key].map((part) => names[part] ?? part);
}

/** A shortcut in one text, for tooltips. */
export function shownShortcut(shortcut: string, apple = isApple): string {
  const one = (keys: string) => shownKeys(keys, apple).join(apple ? "" : "+");
  return pressesOf(shortcut).map(one).join(" ");
}

/** A shortcut as `aria-keyshortcuts` wants it. */
export function ariaShortcut(shortcut: string, apple = isApple): string | undefined {
  // The attribute has no word for keys pressed one after the other.
  if (pressesOf(shortcut).length > 1) return undefined;
  const { modifiers, key } = partsOf(shortcut);
  const names: Record<string, string> = { Mod: apple ? "Meta" : "Control", Ctrl: "Control" };
  return [...[...modifiers].map((it) => names[it] ?? it), key === "+" ? "Plus" : key].join("+");
}
