/** What may be drawn after everything that somebody waits for. */
import { useEffect, useState } from "react";

const soon_ms = 30;

/** Acts once the next frame is drawn and nothing more urgent is left; gives how to call that off. */
export function afterFrame(act: () => void): () => void {
  let callOff = () => {};
  const frame = requestAnimationFrame(() => {
    // Not every browser tells when it is idle.
    if ("requestIdleCallback" in globalThis) {
      const idle = requestIdleCallback(act);
      callOff = () => cancelIdleCallback(idle);
    } else {
      const timer = setTimeout(act, soon_ms);
      callOff = () => clearTimeout(timer);
    }
  });
  return () => {
    cancelAnimationFrame(frame);
    callOff();
  };
}

/** A value that follows another one late, or at once where `mayWait` says that it may not. */
export function useLate<Value>(value: Value, mayWait: (late: Value, now: Value) => boolean): Value {
  const [late, setLate] = useState(value);
  const waits = late !== value && mayWait(late, value);
  if (late !== value && !waits) setLate(value);
  useEffect(() => (waits ? afterFrame(() => setLate(value)) : undefined), [waits, value]);
  return waits ? late : value;
}
