import { useFormat, useNow } from "./format.ts";
import { Tip } from "./Tip.tsx";

/** How long ago something happened; the exact moment on hover and for machines. */
export function Ago({ at }: { at: string }) {
  const format = useFormat();
  const now = useNow();
  return (
    <Tip label={format.moment(at)} openDelay={400}>
      <time dateTime={at}>{format.ago(at, now)}</time>
    </Tip>
  );
}
