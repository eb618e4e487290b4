/** What the Tab key meets on a page from its beginning to its end, and what was wrong on the way. */
import type { Page } from "playwright-core";

const most_stops = 400;
const most_frames = 5;

/** Where the focus is, and what speaks against it there. */
interface Stop {
  /** Its place among all elements of the page; -1 where the page itself has the focus. */
  at: number;
  name: string;
  wrong: string | null;
}

interface Walk {
  looks: Map<Element, string>;
  lookOf: (element: Element) => string;
  around: (element: Element) => Element[];
  /** Where the way begins. */
  top: Element;
}

/**
 * Every element that Tab reaches, and whatever keeps people who go by it from going on: a focus that
 * is not seen, that goes back up the page, that comes back to where it was or never to its end.
 */
export async function walk(page: Page): Promise<{ names: string[]; wrong: string[] }> {
  await page.evaluate(prepare, most_frames);
  const stops: Stop[] = [];
  const wrong: string[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(look);
    if (stop.at < 0 || stop.at === stops[0]?.at) break;
    const last = stops.at(-1);
    if (stop.wrong) wrong.push(`${stop.name}: ${stop.wrong}`);
    if (last && stop.at <= last.at) wrong.push(`${stop.name} comes after ${last.name}`);
    if (stops.some((it) => it.at === stop.at) || stops.length === most_stops) {
      wrong.push(`the way goes round at ${stop.name}`);
      break;
    }
    stops.push(stop);
  }
  await page.evaluate(leave);
  return { names: stops.map((it) => it.name), wrong };
}

/** Writes down how everything looks that has no focus, and begins at the top. */
function prepare(frames: number): void {
  // What is drawn for a field may be beside it, or a frame around it.
  const around = (element: Element): Element[] => {
    const found = [element, ...((element as HTMLInputElement).labels ?? [])];
    if (element.nextElementSibling) found.push(element.nextElementSibling);
    let frame = element.parentElement;
    for (let steps = 0; frame && steps < frames; steps += 1) {
      found.push(frame);
      frame = frame.parentElement;
    }
    return found;
  };
  const lookOf = (element: Element): string =>
    [...around(element).map((it) => getComputedStyle(it)), getComputedStyle(element, "::after")]
      .map((it) => [it.outline, it.boxShadow, it.borderColor, it.backgroundColor].join())
      .join("|");
  const reached =
    "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]";
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  const looks = new Map(
    [...document.querySelectorAll(reached)].map((it) => [it, lookOf(it)] as const),
  );
  Object.assign(window, { tramoWalk: { looks, lookOf, around, top } });
}

function leave(): void {
  (window as unknown as { tramoWalk: Walk }).tramoWalk.top.remove();
}

async function look(): Promise<Stop> {
  const { looks, lookOf, around } = (window as unknown as { tramoWalk: Walk }).tramoWalk;
  const element = document.activeElement;
  if (!element || element === document.body) return { at: -1, name: "the page", wrong: null };
  await new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)));
  const at = [...document.querySelectorAll("*")].indexOf(element);
  const label = (element as HTMLInputElement).labels?.[0]?.textContent;
  const said = element.getAttribute("aria-label") ?? label ?? element.textContent;
  const name = `${element.localName} “${said?.trim().slice(0, 40) || element.id}”`;
  // What the browser draws of a switch or a choice is beside the field itself.
  const seen = around(element).some((it) => {
    const box = it.getBoundingClientRect();
    const inside =
      box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
    return inside && box.width > 4 && box.height > 4;
  });
  const before = looks.get(element);
  const same = before !== undefined && before === lookOf(element);
  const wrong = seen ? (same ? "its focus does not show" : null) : "it is not on the screen";
  return { at, name, wrong };
}
