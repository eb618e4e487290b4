/**
 * What this browser remembers for a person, from one page to the next.
 *
 * A browser may forbid it or have no room left. Then the page itself remembers, until it is closed:
 * nobody is kept from working because a choice cannot be kept.
 */

/** What only this page remembers. */
const held = new Map<string, string>();

export function recall(key: string): string | null {
  const own = held.get(key);
  if (own !== undefined) return own;
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
    held.delete(key);
  } catch {
    held.set(key, text);
  }
}

export function forget(key: string): void {
  held.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // What may not be read is not remembered.
  }
}
