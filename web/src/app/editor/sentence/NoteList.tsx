/** What people have written beside a flow: its notes, and its groups with the steps they hold. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { PenLine, Plus, Trash2, Ungroup } from "lucide-react";
import { Suspense, useRef, useState } from "react";
import paper from "~/canvas/note.module.css";
import type { FlowDocument } from "~/model/flow.ts";
import { longestText, longestTitle, type Note, notesOf } from "~/model/note.ts";
import { later } from "~/ui/later.ts";
import type { Edits } from "./edits.ts";
import classes from "./note-list.module.css";
import sentence from "./sentence.module.css";
import { TextDialog } from "./TextDialog.tsx";
import type { Told } from "./told.ts";

const NoteText = later(() => import("~/canvas/NoteText.tsx"));

interface NoteListProps {
  flow: FlowDocument;
  told: Told;
  /** Without it they are read only. */
  edits?: Edits;
}

export function NoteList({ flow, told, edits }: NoteListProps) {
  const { t } = useLingui();
  const [written, setWritten] = useState<string | null>(null);
  const more = useRef<HTMLButtonElement>(null);
  const notes = notesOf(flow);
  const asked = notes.find((note) => note.id === written);
  if (notes.length === 0 && (!edits || flow.nodes.length === 0)) return null;
  return (
    <section className={classes.notes} aria-label={t`Notes and groups`}>
      {notes.length > 0 && (
        <>
          <h2 className={sentence.heading}>
            <Trans>Notes and groups</Trans>
          </h2>
          <ul className={sentence.list}>
            {notes.map((note) => (
              <li key={note.id} className={classes.item}>
                <Written note={note} told={told} />
                {edits && (
                  <Doors
                    note={note}
                    onWrite={() => setWritten(note.id)}
                    onRemove={() => {
                      more.current?.focus(); // What had the focus is about to be gone.
                      edits.removeNote(note.id);
                    }}
                  />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {edits && (
        <Button
          ref={more}
          variant="subtle"
          size="compact-md"
          leftSection={<Plus size={15} aria-hidden />}
          onClick={() => setWritten(edits.addNote())}
        >
          <Trans>Write a note</Trans>
        </Button>
      )}
      {edits && asked && (
        <TextDialog
          {...(asked.nodes
            ? {
                title: t`Title of the group`,
                placeholder: t`Group`,
                value: asked.title,
                longest: longestTitle,
                onSave: (text) => edits.writeNote(asked.id, { title: text.trim() }),
              }
            : {
                title: t`Text of the note`,
                placeholder: t`Write here. **Bold**, lists and links work.`,
                value: asked.text,
                longest: longestText,
                lines: true,
                onSave: (text) => edits.writeNote(asked.id, { text }),
              })}
          onClose={() => {
            setWritten(null);
            more.current?.focus();
          }}
        />
      )}
    </section>
  );
}

function Written({ note, told }: { note: Note; told: Told }) {
  const { i18n } = useLingui();
  const numbers = (note.nodes ?? []).flatMap((id) => told.outline.steps.get(id)?.number ?? []);
  const steps = new Intl.ListFormat(i18n.locale, { type: "conjunction" }).format(numbers);
  return (
    <div className={paper.note} data-color={note.color} data-testid={`note-${note.id}`}>
      {note.nodes && (
        <p className={classes.title}>
          <strong>{note.title || <Trans>Group</Trans>}</strong>{" "}
          {numbers.length > 0 && <Trans>Steps {steps}</Trans>}
        </p>
      )}
      {note.text ? (
        <Suspense fallback={<div className={paper.words}>{note.text}</div>}>
          <NoteText text={note.text} />
        </Suspense>
      ) : (
        !note.nodes && (
          <p className={classes.title}>
            <Trans>An empty note</Trans>
          </p>
        )
      )}
    </div>
  );
}

interface DoorsProps {
  note: Note;
  onWrite: () => void;
  onRemove: () => void;
}

function Doors({ note, onWrite, onRemove }: DoorsProps) {
  const { t } = useLingui();
  const group = note.nodes !== null;
  const write = group ? t`Rename the group` : t`Write in the note`;
  const remove = group ? t`Take the group apart` : t`Delete the note`;
  return (
    <div className={classes.doors}>
      <button type="button" className={sentence.more} aria-label={write} onClick={onWrite}>
        <PenLine size={16} aria-hidden />
      </button>
      <button type="button" className={sentence.more} aria-label={remove} onClick={onRemove}>
        {group ? <Ungroup size={16} aria-hidden /> : <Trash2 size={16} aria-hidden />}
      </button>
    </div>
  );
}
