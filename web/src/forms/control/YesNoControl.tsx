import { useLingui } from "@lingui/react/macro";
import { SegmentedControl, Switch } from "@mantine/core";
import { isOptionalYes } from "~/model/schema.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** Yes or no; and, where nothing said means a third thing, that too. */
export function YesNoControl({ id, title, schema, required, value, onChange }: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  if (!required && isOptionalYes(schema)) {
    const answers: Record<string, boolean | undefined> = { yes: true, no: false };
    return (
      <SegmentedControl
        id={id}
        aria-label={title}
        size="xs"
        readOnly={readOnly}
        data={[
          { value: "", label: t`Not said` },
          { value: "yes", label: t`Yes` },
          { value: "no", label: t`No` },
        ]}
        value={value === true ? "yes" : value === false ? "no" : ""}
        onChange={(answer) => onChange(answers[answer])}
      />
    );
  }
  const on = (value ?? schema.default) === true;
  return (
    <Switch
      id={id}
      className={classes.yesNo}
      size="sm"
      disabled={readOnly}
      checked={on}
      label={on ? t`Yes` : t`No`}
      aria-label={title}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
