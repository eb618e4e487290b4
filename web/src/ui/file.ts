/** Files that are dragged in from elsewhere. */
import { useEffect } from "react";

/** More than any flow takes: a film that was let go of here is not read. */
const most_bytes = 8_000_000;

/** Whether files are brought that nothing took so far, and that are not over a field for files. */
export const bringsFiles = (
  event: Pick<DragEvent, "dataTransfer" | "defaultPrevented" | "target">,
) =>
  !event.defaultPrevented &&
  (event.dataTransfer?.types.includes("Files") ?? false) &&
  !(event.target instanceof Element && event.target.closest("input[type=file]"));

/** The text of the first file that was let go of; empty where none can be read. */
export async function droppedText(event: Pick<DragEvent, "dataTransfer">): Promise<string> {
  const file = event.dataTransfer?.files[0];
  if (!file || file.size > most_bytes) return "";
  return await file.text().catch(() => "");
}

/** A file that is let go of where nothing takes it: the browser would open it in the page's place. */
export function useNoStrayFiles(): void {
  useEffect(() => {
    const refuse = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
    };
    addEventListener("dragover", refuse);
    addEventListener("drop", refuse);
    return () => {
      removeEventListener("dragover", refuse);
      removeEventListener("drop", refuse);
    };
  }, []);
}
