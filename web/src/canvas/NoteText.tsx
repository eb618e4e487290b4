/** A note's markdown as HTML: what DOMPurify lets through, and no picture from anywhere. */
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useMemo } from "react";
import classes from "./note.module.css";

const marked = new Marked({ gfm: true, breaks: true });

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (element) => {
  if (element.tagName !== "A") return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer");
});

const allowed = {
  ALLOWED_TAGS: (
    "a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong " +
    "table tbody td th thead tr ul"
  ).split(" "),
  ALLOWED_ATTR: ["href", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|\/(?!\/))/i,
};

export function toHtml(text: string): string {
  return purify.sanitize(marked.parse(text, { async: false }), allowed);
}

export default function NoteText({ text }: { text: string }) {
  const html = useMemo(() => toHtml(text), [text]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it has passed through DOMPurify.
  return <div className={classes.words} dangerouslySetInnerHTML={{ __html: html }} />;
}
