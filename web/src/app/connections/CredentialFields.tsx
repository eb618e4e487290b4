import { Trans, useLingui } from "@lingui/react/macro";
import {
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { Check } from "lucide-react";
import classes from "./connections.module.css";
import {
  askedFields,
  type CredentialField,
  type FieldValue,
  type FieldValues,
} from "./credential.ts";

interface CredentialFieldsProps {
  fields: CredentialField[];
  values: FieldValues;
  onChange: (values: FieldValues) => void;
  /** The names of secrets that are stored; they can be replaced and never read. */
  storedSecrets?: readonly string[];
  missing?: readonly string[];
}

export function CredentialFields(props: CredentialFieldsProps) {
  const { fields, values, onChange, storedSecrets = [], missing = [] } = props;
  const change = (name: string) => (value: FieldValue) => onChange({ ...values, [name]: value });
  const asked = askedFields(fields, values);
  const usual = asked.filter((field) => !field.advanced);
  const advanced = asked.filter((field) => field.advanced);
  const input = (field: CredentialField) => (
    <FieldInput
      key={field.name}
      field={field}
      value={values[field.name] ?? field.initial}
      isStored={storedSecrets.includes(field.name)}
      isMissing={missing.includes(field.name)}
      onChange={change(field.name)}
    />
  );
  return (
    <>
      {usual.map(input)}
      {advanced.length > 0 && (
        <details className={classes.advanced}>
          <summary>
            <Trans>More settings</Trans>
          </summary>
          <Stack gap="md" mt="sm">
            {advanced.map(input)}
          </Stack>
        </details>
      )}
    </>
  );
}

interface FieldInputProps {
  field: CredentialField;
  value: FieldValue;
  isStored: boolean;
  isMissing: boolean;
  onChange: (value: FieldValue) => void;
}

function FieldInput({ field, value, isStored, isMissing, onChange }: FieldInputProps) {
  const { t } = useLingui();
  const shared = {
    label: field.title,
    description: field.description,
    required: field.required && !isStored,
    error: isMissing ? t`Fill this in to go on.` : null,
  };
  const text = String(value);

  if (field.kind === "boolean") {
    return (
      <Switch
        label={field.title}
        description={field.description}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (field.kind === "secret") {
    return (
      <PasswordInput
        {...shared}
        autoComplete="off"
        placeholder={isStored ? t`Leave empty to keep the present one` : (field.example ?? "")}
        leftSection={
          isStored && text === "" ? (
            <Check size={16} aria-label={t`Already set`} role="img" />
          ) : null
        }
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t`Show or hide “${field.title}”` }}
      />
    );
  }
  if (field.kind === "choice") {
    return (
      <Select
        {...shared}
        data={field.choices}
        allowDeselect={!field.required}
        value={text === "" ? null : text}
        onChange={(next) => onChange(next ?? "")}
      />
    );
  }
  if (field.kind === "number") {
    return (
      <NumberInput
        {...shared}
        placeholder={field.example ?? ""}
        value={text}
        onChange={(next) => onChange(String(next))}
      />
    );
  }
  if (field.kind === "long_text" || field.kind === "list") {
    return (
      <Textarea
        {...shared}
        autosize
        minRows={2}
        maxRows={8}
        placeholder={field.kind === "list" ? t`One a line` : (field.example ?? "")}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      autoComplete="off"
      spellCheck={false}
      placeholder={field.example ?? ""}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
