/** Components that are loaded beside the page, and drawn at once where they have come already. */
import { type ComponentType, type ReactNode, Suspense, useLayoutEffect, useState } from "react";
import { holdKeys } from "./held.ts";
import { later } from "./later.ts";

/**
 * Makes a component of what `load` brings, and the function that loads it ahead of its use.
 *
 * A lazy component shows its fallback at its first drawing whether or not it has been loaded, and
 * React keeps a fallback for a third of a second: what is typed meanwhile falls on the page. Where
 * the part still has to come, `waiting` stands in its place, and what is typed waits for it too.
 */
export function loadable<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting: ReactNode = null,
) {
  let here: ComponentType<Props> | null = null;
  const fetch = async () => {
    here ??= await load();
    return { default: here };
  };
  const Lazy: ComponentType<Props> = later(fetch);
  function Loadable(props: Props) {
    // It stays the one that it was drawn as first: another one would begin anew.
    const [Come] = useState<ComponentType<Props> | null>(() => here);
    if (Come) return <Come {...props} />;
    return (
      <Suspense fallback={<Awaited>{waiting}</Awaited>}>
        <Lazy {...props} />
      </Suspense>
    );
  }
  return [Loadable, fetch] as const;
}

/** Stands where something comes that has asked for the focus: keys wait for it meanwhile. */
export function Awaited({ children }: { children?: ReactNode }) {
  useLayoutEffect(holdKeys, []);
  return children;
}
