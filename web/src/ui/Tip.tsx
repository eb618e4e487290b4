/** What a button is for, said while one points at it or comes to it by keyboard; its frame comes then. */
import {
  cloneElement,
  type FocusEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  Suspense,
  useEffect,
  useState,
} from "react";
import { later } from "./later.ts";

const TipFrame = later(async () => ({ default: (await import("./TipFrame.tsx")).TipFrame }));

interface Heard {
  onPointerEnter?: (event: PointerEvent<HTMLElement>) => void;
  onPointerLeave?: () => void;
  onPointerDown?: () => void;
  onFocus?: (event: FocusEvent<HTMLElement>) => void;
  onBlur?: () => void;
}

interface TipProps {
  label: ReactNode;
  /** How long one points at it before it is said, in milliseconds. */
  openDelay?: number;
  /** One element, to which the tip listens; it is the same one with and without its tip. */
  children: ReactElement<Heard>;
}

interface Pointed {
  target: HTMLElement;
  after: number;
}

export function Tip({ label, openDelay = 0, children }: TipProps) {
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const leave = () => setPointed(null);
  const child = cloneElement(children, {
    onPointerEnter: ({ pointerType, currentTarget }) => {
      if (pointerType === "mouse") setPointed({ target: currentTarget, after: openDelay });
    },
    onPointerLeave: leave,
    onPointerDown: leave,
    onFocus: ({ currentTarget }) => {
      if (currentTarget.matches(":focus-visible")) setPointed({ target: currentTarget, after: 0 });
    },
    onBlur: leave,
  });
  return (
    <>
      {child}
      {pointed && (
        <Suspense>
          <Said key={pointed.after} pointed={pointed} label={label} onLeave={leave} />
        </Suspense>
      )}
    </>
  );
}

interface SaidProps {
  pointed: Pointed;
  label: ReactNode;
  onLeave: () => void;
}

function Said({ pointed, label, onLeave }: SaidProps) {
  const { target, after } = pointed;
  const [due, setDue] = useState(after === 0);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape") onLeave();
    };
    addEventListener("keydown", press, true);
    return () => {
      clearTimeout(timer);
      removeEventListener("keydown", press, true);
    };
  }, [after, onLeave]);
  return due && <TipFrame target={target} label={label} />;
}
