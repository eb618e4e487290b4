/** Where a pointer is, and what lies under it. */

export interface ClientPoint {
  clientX: number;
  clientY: number;
}

export function pointIn(event: MouseEvent | TouchEvent): ClientPoint | undefined {
  return "changedTouches" in event ? event.changedTouches[0] : event;
}

export function elementAt({ clientX, clientY }: ClientPoint, selector: string): HTMLElement | null {
  for (const element of document.elementsFromPoint(clientX, clientY)) {
    const found = element.closest<HTMLElement>(selector);
    if (found) return found;
  }
  return null;
}
