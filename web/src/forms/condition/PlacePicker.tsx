/** The button that says which field is meant, and opens the data to choose another. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Popover, UnstyledButton } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { briefly } from "~/model/complete.ts";
import { labelOf } from "~/model/label.ts";
import { readPath } from "~/model/path.ts";
import { placeAt, type Variable } from "~/model/variable.ts";
import { FieldPicker } from "../formula/FieldPicker.tsx";
import { useTarget } from "../formula/target.ts";
import { useTried } from "../formula/tried.ts";
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
  const value = useValueOf(place, variables);
  const target = useTarget(useId(), label, readOnly ? null : onPick);
  const choose = (next: string) => {
    onPick(next);
    setOpened(false);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width="min(360px, calc(100vw - 16px))"
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
          aria-description={value ?? undefined}
          aria-expanded={opened}
          title={place}
          onClick={() => setOpened(!opened)}
          {...target}
        >
          <span>
            {words}
            {value !== null && <span className={classes.now}>{value}</span>}
          </span>
          <ChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        {variables.length === 0 ? (
          <p className={classes.none}>
            <Trans>Nothing comes before this step yet. Connect it first.</Trans>
          </p>
        ) : (
          <FieldPicker onPick={choose} />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** What stands at a place now, in a few characters; the server works out what is done with it. */
function useValueOf(place: string, variables: readonly Variable[]): string | null {
  const path = readPath(place);
  const tried = useTried({ $expr: place }, path ? "" : place);
  const variable = path && variables.find((it) => it.name === path.root);
  const known = variable ? placeAt(variable, path.steps).value : undefined;
  const value = path ? known : tried.state === "value" ? tried.value : undefined;
  return value === undefined || value === null ? null : briefly(value);
}
