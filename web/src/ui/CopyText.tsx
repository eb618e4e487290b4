import { useLingui } from "@lingui/react/macro";
import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Check, Copy } from "lucide-react";
import classes from "./copy.module.css";
import { Tip } from "./Tip.tsx";

interface CopyButtonProps {
  /** What is copied; a function where it takes time to write. */
  text: string | (() => string);
  label: string;
}

export function CopyButton({ text, label }: CopyButtonProps) {
  const { t } = useLingui();
  const clipboard = useClipboard({ timeout: 2_000 });
  const shown = clipboard.copied ? t`Copied` : label;
  return (
    <Tip label={shown}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={shown}
        onClick={() => clipboard.copy(typeof text === "string" ? text : text())}
      >
        {clipboard.copied ? <Check size={16} /> : <Copy size={16} />}
      </ActionIcon>
    </Tip>
  );
}

/** A text to be taken elsewhere, such as an address or a token, with its copy button. */
export function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes.copy}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by keyboard too. */}
      <code className={classes.text} tabIndex={0}>
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
