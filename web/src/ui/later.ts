/**
 * Code that is fetched when it is first needed, also where the server is away at that moment.
 *
 * It knows no page. Whoever shows such a component stands it in a `Suspense`, and a `Boundary`
 * further up takes what is not to be had at all.
 */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { api } from "~/api/client.ts";
import { ApiProblem } from "~/api/problem.ts";

const again_ms = 2_000;

// biome-ignore lint/suspicious/noExplicitAny: as in React's own type of `lazy`.
type Load<Shown extends ComponentType<any>> = () => Promise<{ default: Shown }>;

const fetches = new WeakMap<object, () => Promise<unknown>>();

/** A component whose code is fetched when it is first shown, once the server is there to ask. */
// biome-ignore lint/suspicious/noExplicitAny: as in React's own type of `lazy`.
export function later<Shown extends ComponentType<any>>(
  load: Load<Shown>,
): LazyExoticComponent<Shown> {
  let here: { default: Shown } | undefined;
  const fetch = async () => {
    here ??= await onceThere(load);
    return here;
  };
  const made = lazy(() => (here ? atOnce(here) : fetch()));
  fetches.set(made, fetch);
  return made;
}

/**
 * A promise that has been kept by the time it is looked at.
 *
 * What has come already is drawn at once: after a fallback, shown for however short a time, React
 * draws nothing for a third of a second.
 */
function atOnce<Value>(value: Value): Promise<Value> {
  // biome-ignore lint/suspicious/noThenProperty: React asks it as it asks a promise.
  const kept = { then: (take: (value: Value) => void) => take(value) };
  return kept as unknown as Promise<Value>;
}

/** Fetches the code of such a component, and tells when it has come. */
export async function fetched(component: object): Promise<void> {
  await fetches.get(component)?.();
}

/** Fetches code before it is needed. What fails now is asked for again when it is. */
export function ahead(load: () => Promise<unknown>): void {
  load().catch(() => {});
}

/**
 * Loads, however long the server is away meanwhile.
 *
 * Throws what `load` throws when it fails twice in front of a server that answers: that one is of
 * another version and has other files, which only a reload can tell.
 */
export async function onceThere<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  let answered = false;
  for (;;) {
    try {
      return await load();
    } catch (error) {
      const answers = await serverAnswers();
      if (answers && answered) throw error;
      answered = answers;
      if (!answers) await new Promise((resume) => setTimeout(resume, again_ms));
    }
  }
}

/** Asks the server for something small; the notice that it is lost hears of the answer too. */
async function serverAnswers(): Promise<boolean> {
  try {
    await api.session.get();
    return true;
  } catch (error) {
    return error instanceof ApiProblem && error.status > 0 && error.status < 500;
  }
}
