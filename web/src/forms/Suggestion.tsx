/** Below an empty field, the data that most likely goes into it: one click puts it there. */
import { Trans } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { Braces } from "lucide-react";
import { labelOf } from "~/model/label.ts";
import classes from "./form.module.css";
import { useScope } from "./scope.ts";

interface SuggestionProps {
  path: string;
  onPick: (path: string) => void;
}

export function Suggestion({ path, onPick }: SuggestionProps) {
  const { variables } = useScope();
  const label = labelOf(path, variables);
  return (
    <UnstyledButton className={classes.suggestion} onClick={() => onPick(path)}>
      <Braces size={13} aria-hidden />
      <span>
        <Trans>Use “{label}”</Trans>
      </span>
    </UnstyledButton>
  );
}
