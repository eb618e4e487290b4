/** A file let go of where nothing takes it: a browser would open it in the place of the page. */
import { useEffect } from "react";

const takesFiles = 'input[type="file"], [contenteditable="true"]';

function holdBack(event: DragEvent): void {
  const { dataTransfer, target } = event;
  if (event.defaultPrevented || !dataTransfer?.types.includes("Files")) return;
  if (target instanceof Element && target.closest(takesFiles)) return;
  event.preventDefault();
  dataTransfer.dropEffect = "none";
}

export function useNoSpill(): void {
  useEffect(() => {
    addEventListener("dragover", holdBack);
    addEventListener("drop", holdBack);
    return () => {
      removeEventListener("dragover", holdBack);
      removeEventListener("drop", holdBack);
    };
  }, []);
}
