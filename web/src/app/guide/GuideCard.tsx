/** The guide while a flow is built: one step at a time, and a frame around the control it is about. */
import { useLingui } from "@lingui/react";
import { Trans, useLingui as useTexts } from "@lingui/react/macro";
import { Button, Portal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useEditor, useFlowDocument } from "../editor/store.ts";
import { useSearch } from "../router.tsx";
import classes from "./guide.module.css";
import { type GuideStep, setGuide, steps, useGuide } from "./guide.ts";

const look_ms = 200;
/** Who has typed nothing for so long has said what they wanted to say. */
const rest_ms = 1_500;

export function GuideCard() {
  const { t } = useTexts();
  const { _ } = useLingui();
  const guide = useGuide();
  const flow = useFlowDocument();
  const [rested] = useDebouncedValue(flow, rest_ms);
  const run = useSearch().has("run");
  const errors = useEditor((state) => state.problems.length);
  if (guide.over || guide.flow !== flow.id) return null;
  const at = steps.findIndex((step) => !step.isDone(step.typed ? rested : flow, run));
  const step = at < 0 ? null : steps[at];
  const count = steps.length;
  const number = at + 1;
  const leave = () => setGuide({ flow: flow.id, over: true });
  return (
    <section className={classes.card} aria-label={t`First steps`}>
      <div role="status" key={step?.id ?? "end"}>
        {step ? (
          <>
            <p className={classes.count}>
              <Trans>
                Step {number} of {count}
              </Trans>
            </p>
            <h2>{_(step.title)}</h2>
            <p>{_(step.text)}</p>
            {step.id === "run" && errors > 0 && (
              <p>
                <Trans>Something still needs attention: the sign in the bar above says what.</Trans>
              </p>
            )}
          </>
        ) : (
          <>
            <h2>
              <Trans>That is a working flow</Trans>
            </h2>
            <p>
              <Trans>
                You see its first run. Publish it, and it runs by itself for each new order.
              </Trans>
            </p>
          </>
        )}
      </div>
      <span className={classes.buttons}>
        {step ? (
          <>
            <Button size="xs" variant="default" onClick={() => findPoint(step)?.focusable?.focus()}>
              <Trans>Take me there</Trans>
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={leave}>
              <Trans>Leave the guide</Trans>
            </Button>
          </>
        ) : (
          <Button size="xs" onClick={leave}>
            <Trans>Done</Trans>
          </Button>
        )}
      </span>
      {step && <Pointer key={`at ${step.id}`} step={step} />}
    </section>
  );
}

const takesText = 'input, textarea, [contenteditable="true"]';
const canHaveFocus = `button, a[href], [tabindex], ${takesText}`;

function findPoint(step: GuideStep): { element: Element; focusable: HTMLElement | null } | null {
  for (const selector of step.points) {
    for (const element of document.querySelectorAll(selector)) {
      if (element.getBoundingClientRect().width === 0) continue;
      const own = element.matches(canHaveFocus) ? (element as HTMLElement) : null;
      // In a field, where one writes comes before the buttons around it.
      const within = (selector: string) => element.querySelector<HTMLElement>(selector);
      return { element, focusable: own ?? within(takesText) ?? within(canHaveFocus) };
    }
  }
  return null;
}

/** A frame that follows the control; it takes no clicks and is silent. */
function Pointer({ step }: { step: GuideStep }) {
  const [box, setBox] = useState<DOMRect | null>(null);
  useEffect(() => {
    const look = () => setBox(findPoint(step)?.element.getBoundingClientRect() ?? null);
    look();
    const timer = setInterval(look, look_ms);
    return () => clearInterval(timer);
  }, [step]);
  if (!box) return null;
  const { left, top, width, height } = box;
  const room = 5;
  return (
    <Portal>
      <div
        aria-hidden
        className={classes.pointer}
        style={{
          left: left - room,
          top: top - room,
          width: width + 2 * room,
          height: height + 2 * room,
        }}
      />
    </Portal>
  );
}
