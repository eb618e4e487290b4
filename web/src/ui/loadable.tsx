/** Components that are loaded beside the page, and drawn at once where they have come already. */
import { type ComponentType, useState } from "react";
import { later } from "./later.ts";

/**
 * Makes a component of what `load` brings, and the function that loads it ahead of its use.
 *
 * A lazy component shows its fallback at its first drawing whether or not it has been loaded, and
 * React keeps a fallback for a third of a second: what is typed meanwhile falls on the page.
 */
export function loadable<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let here: ComponentType<Props> | null = null;
  const fetch = async () => {
    here ??= await load();
    return { default: here };
  };
  const Lazy: ComponentType<Props> = later(fetch);
  function Loadable(props: Props) {
    // It stays the one that it was drawn as first: another one would begin anew.
    const [Drawn] = useState<ComponentType<Props>>(() => here ?? Lazy);
    return <Drawn {...props} />;
  }
  return [Loadable, fetch] as const;
}
