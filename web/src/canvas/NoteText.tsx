/** A note's markdown as HTML: what DOMPurify lets through, and no picture from anywhere. */
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useMemo } from "react";
import classes from "./note.module.css";

/** Markup in a note is shown as it was written. */
const asWritten = ({ text }: { text: string }) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const marked = new Marked({ gfm: true, breaks: true, renderer: { html: asWritten } });

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

/** The same as the browser asks for it: with the sanitizer's word that it is clean. */
function toTrusted(text: string): string {
  const markup = marked.parse(text, { async: false });
  return purify.sanitize(markup, { ...allowed, RETURN_TRUSTED_TYPE: true }) as unknown as string;
}

export default function NoteText({ text }: { text: string }) {
  const html = useMemo(() => toTrusted(text), [text]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it has passed through DOMPurify.
  return <div className={classes.words} dangerouslySetInnerHTML={{ __html: html }} />;
}
