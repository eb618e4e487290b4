import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./notice.module.css";

interface NoteProps {
  tone: "good" | "bad";
  title: ReactNode;
  children?: ReactNode;
}

/** A result that stays on the page: good news is said quietly, bad news at once. */
export function Note({ tone, title, children }: NoteProps) {
  const Icon = tone === "good" ? CircleCheck : CircleAlert;
  return (
    <div className={classes.note} data-tone={tone} role={tone === "good" ? "status" : "alert"}>
      <Icon size={18} aria-hidden />
      <div>
        <p className={classes.noteTitle}>{title}</p>
        {children}
      </div>
    </div>
  );
}
