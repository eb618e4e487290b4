/** Long work, done so that keys and frames come in between. */

/** Half a frame: the other half is the page's own. */
const slice_ms = 6;

/**
 * Goes through some work in slices, and then acts; gives how to call that off.
 *
 * Each slice is a task of its own, so that whatever was done by hand meanwhile comes first.
 */
export function inSlices(work: Iterator<unknown>, then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const go = () => {
    const until = performance.now() + slice_ms;
    do {
      if (work.next().done) return then();
    } while (performance.now() < until);
    timer = setTimeout(go);
  };
  timer = setTimeout(go);
  return () => clearTimeout(timer);
}
