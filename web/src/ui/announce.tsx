/** What is only said, to people who listen to the page: the eye sees it happen. */
import { VisuallyHidden } from "@mantine/core";
import { create } from "zustand";

const useSaid = create<{ text: string; times: number }>()(() => ({ text: "", times: 0 }));

/** Has a screen reader say something once it has finished its sentence. */
export function announce(text: string): void {
  useSaid.setState(({ times }) => ({ text, times: times + 1 }));
}

export function Announcer() {
  const { text, times } = useSaid();
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {/* A new element each time: what is said twice is heard twice. */}
      <span key={times}>{text}</span>
    </VisuallyHidden>
  );
}
