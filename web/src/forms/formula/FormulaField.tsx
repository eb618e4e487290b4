/** A formula: its editor, the data picker beside it, and what it gives with the last data. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon } from "@mantine/core";
import { Code2, Tag } from "lucide-react";
import { memo, type Ref, Suspense, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { Json } from "~/api/json.ts";
import { completeAt } from "~/model/complete.ts";
import { sourceOf, type ValueKind } from "~/model/formula.ts";
import { readPath } from "~/model/path.ts";
import { pillsIn } from "~/model/pill.ts";
import type { Told } from "~/model/problem.ts";
import { placeAt } from "~/model/variable.ts";
import { dataKind } from "~/model/word.ts";
import { ahead, later } from "~/ui/later.ts";
import { Awaited } from "~/ui/loadable.tsx";
import { useStable } from "~/ui/stable.ts";
import { Tip } from "~/ui/Tip.tsx";
import { useScope } from "../scope.ts";
import type { EditorControl } from "./FormulaEditor.tsx";
import { FunctionHelp } from "./FunctionHelp.tsx";
import classes from "./formula.module.css";
import { LiveValue } from "./LiveValue.tsx";
import { setFormulaLook, useFormulaLook } from "./look.ts";
import { PickButton } from "./PickButton.tsx";
import { PilledText } from "./PilledText.tsx";
import { PillMenu } from "./PillMenu.tsx";
import type { PillHost } from "./pillView.ts";
import { type Shown, useDescribe } from "./shown.ts";
import { useTried } from "./tried.ts";

const load = () => import("./FormulaEditor.tsx");
const FormulaEditor = later(load);

/** Fetches the editor ahead, so that no key is lost when a text becomes a formula. */
export const preloadEditor = (): void => ahead(load);

interface FormulaFieldProps {
  id: string;
  title: string;
  kind: ValueKind;
  value: Json | undefined;
  problems: Told[];
  /** Takes the focus at once: a person has just turned the field into a formula. */
  eager: boolean;
  onChange: (value: Json) => void;
  ref?: Ref<EditorControl>;
}

const slot = "{{ … }}";

export function FormulaField(props: FormulaFieldProps) {
  const { id, title, kind, value, problems, eager, onChange } = props;
  const { t } = useLingui();
  const { variables, filters, readOnly } = useScope();
  const editor = useRef<EditorControl>(null);
  const look = useFormulaLook();
  const source = sourceOf(value);
  const text = kind === "text";
  const describe = useDescribe(source, kind);
  const tried = useTried(value ?? null, source);
  const [opened, setOpened] = useState<{ from: number; place: DOMRect } | null>(null);
  const complete = useMemo(
    () => (typed: string, offset: number) => completeAt(typed, offset, kind, variables, filters),
    [kind, variables, filters],
  );
  const open = useRef((_: number) => {});
  open.current = (from) => {
    // Not before the click that opens it is over: it would count as one beside the menu.
    setTimeout(() => {
      const place = editor.current?.placeOf(from);
      if (place && !readOnly) setOpened({ from, place });
    });
  };
  const host = useMemo(
    (): PillHost | null =>
      look === "code"
        ? null
        : {
            describe,
            open: (from) => open.current(from),
            say: (shown) => `${spoken(shown)}. ${t`Enter opens it, Backspace removes it.`}`,
          },
    [look, describe, t],
  );
  const pills = pillsIn(source, kind);
  const pill = opened && pills.find((it) => it.from === opened.from);
  const lost = pills.map((it) => describe(source, it).lost).find((it) => it !== null) ?? null;

  /** Puts a field in; of a list, a text asks at once what of it is meant. */
  const insert = useStable((path: string) => {
    editor.current?.insert(path);
    const found = readPath(path);
    const variable = found && variables.find((it) => it.name === found.root);
    const whole = variable && dataKind(placeAt(variable, found.steps).value);
    if (!text || whole !== "list") return;
    setTimeout(() => {
      const place = editor.current?.lastPill();
      if (place !== undefined && place !== null) open.current(place);
    }, 60);
  });
  const use = useStable((filter: string) => editor.current?.write(filter));
  useImperativeHandle(props.ref, (): EditorControl => {
    const inner = () => editor.current;
    return {
      insert,
      write: (written) => inner()?.write(written),
      type: (at, typed) => inner()?.type(at, typed),
      stand: (at) => inner()?.stand(at),
      undo: () => inner()?.undo(),
      apply: (edit) => inner()?.apply(edit),
      placeOf: (from) => inner()?.placeOf(from) ?? null,
      lastPill: () => inner()?.lastPill() ?? null,
      unfold: (from) => inner()?.unfold(from),
      focus: () => inner()?.focus(),
    };
  });
  const close = () => {
    setOpened(null);
    editor.current?.focus();
  };

  return (
    <div
      className={classes.field}
      data-invalid={problems.length > 0 || lost !== null || undefined}
      data-look={look}
    >
      <div className={classes.line}>
        <Suspense
          fallback={
            <>
              {eager && <Awaited />}
              <PilledText source={source} kind={kind} describe={describe} />
            </>
          }
        >
          <FormulaEditor
            ref={editor}
            id={id}
            label={title}
            text={text}
            source={source}
            readOnly={readOnly}
            complete={complete}
            pills={host}
            wrong={tried.state === "wrong" ? tried.offset : null}
            placeholder={text ? t`Text with ${slot} in it` : "order.total > 100"}
            eager={eager}
            onChange={(typed) => onChange(text ? { $text: typed } : { $expr: typed })}
          />
        </Suspense>
        <div className={classes.tools}>
          {!readOnly && variables.length > 0 && <PickButton onPick={insert} />}
          {!readOnly && filters.length > 0 && <FunctionHelp onUse={use} />}
          <LookButton title={title} />
        </div>
      </div>
      <LiveValue
        tried={tried}
        problems={problems}
        lost={lost}
        onCure={(cure) => editor.current?.apply(cure)}
      />
      {opened && pill && (
        <PillMenu
          source={source}
          kind={kind}
          pill={pill}
          shown={describe(source, pill)}
          place={opened.place}
          onEdit={(edit) => editor.current?.apply(edit)}
          onCode={() => {
            setOpened(null);
            editor.current?.unfold(pill.from);
          }}
          onType={(typed) => {
            setOpened(null);
            editor.current?.type(pill.to, typed);
          }}
          onLeave={(at) => {
            setOpened(null);
            editor.current?.stand(at);
          }}
          onUndo={() => {
            setOpened(null);
            editor.current?.undo();
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

const spoken = ({ label, words, value, lost }: Shown): string =>
  [label, ...words, lost ?? value ?? ""].filter(Boolean).join(", ");

const LookButton = memo(function LookButton({ title }: { title: string }) {
  const { t } = useLingui();
  const look = useFormulaLook();
  const words = look === "pills" ? t`Show as code` : t`Show as fields`;
  return (
    <Tip label={words} openDelay={300}>
      <ActionIcon
        size={22}
        variant="subtle"
        color="gray"
        aria-label={`${title}: ${words}`}
        onClick={() => setFormulaLook(look === "pills" ? "code" : "pills")}
      >
        {look === "pills" ? <Code2 size={14} /> : <Tag size={14} />}
      </ActionIcon>
    </Tip>
  );
});
