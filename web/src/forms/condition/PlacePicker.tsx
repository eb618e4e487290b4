/** The button that says which field is meant, and opens the data to choose another. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Popover, ScrollArea, UnstyledButton } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { isObject } from "~/api/json.ts";
import { pathExpression } from "~/model/formula.ts";
import { labelOf } from "~/model/label.ts";
import { outlineOf, type Variable } from "~/model/variable.ts";
import { DataTree } from "~/runs/data/DataTree.tsx";
import { useScope } from "../scope.ts";
import classes from "./condition.module.css";

interface PlacePickerProps {
  id?: string;
  label: string;
  place: string;
  onPick: (place: string) => void;
}

export function PlacePicker({ id, label, place, onPick }: PlacePickerProps) {
  const { t } = useLingui();
  const { variables, readOnly } = useScope();
  const [opened, setOpened] = useState(false);
  const words = place === "" ? t`Choose a field` : labelOf(place, variables);
  const choose = (next: string) => {
    onPick(next);
    setOpened(false);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width={340}
      shadow="lg"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <UnstyledButton
          id={id}
          className={classes.place}
          data-empty={place === "" || undefined}
          disabled={readOnly}
          aria-label={`${label}: ${words}`}
          aria-expanded={opened}
          title={place}
          onClick={() => setOpened(!opened)}
        >
          <span>{words}</span>
          <ChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <ScrollArea.Autosize mah={400} type="auto">
          {variables.length === 0 && (
            <p className={classes.none}>
              <Trans>Nothing comes before this step yet. Connect it first.</Trans>
            </p>
          )}
          {variables.map((variable) => (
            <section key={variable.name} className={classes.source}>
              <h3>{variable.label}</h3>
              <VariablePlaces variable={variable} onPick={choose} />
            </section>
          ))}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

function VariablePlaces({ variable, onPick }: { variable: Variable; onPick: (p: string) => void }) {
  const outline = outlineOf(variable);
  if (!isObject(outline) && !Array.isArray(outline)) {
    return (
      <UnstyledButton className={classes.whole} onClick={() => onPick(variable.name)}>
        {variable.label} <code>{variable.name}</code>
      </UnstyledButton>
    );
  }
  return (
    <DataTree
      value={outline}
      label={variable.label}
      onPick={(path) => onPick(pathExpression(variable.name, path))}
    />
  );
}
