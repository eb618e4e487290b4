/** The button that says which field is meant, and opens the data to choose another. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Popover, UnstyledButton } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { labelOf } from "~/model/label.ts";
import { FieldPicker } from "../formula/FieldPicker.tsx";
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
      width="min(360px, calc(100vw - 16px))"
      middlewares={{ flip: true, shift: { padding: 8 } }}
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
