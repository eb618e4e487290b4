import { useLingui } from "@lingui/react/macro";
import { TagsInput } from "@mantine/core";
import { useMembers } from "~/api/query.ts";
import classes from "../form.module.css";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";

/** People by their e-mail addresses: members are offered by name, any other address may be typed. */
export function PeopleControl({ id, title, value, invalid, onChange }: ControlProps) {
  const { t } = useLingui();
  const { readOnly } = useScope();
  const members = useMembers();
  const written = typeof value === "string" ? value.split(",") : value;
  const chosen = Array.isArray(written) ? written.map((one) => String(one).trim()) : [];
  const names = new Map(members.items?.map((it) => [it.email, it.name]));
  return (
    <TagsInput
      id={id}
      aria-label={title}
      data={[...names.keys()]}
      value={chosen}
      readOnly={readOnly}
      error={invalid}
      placeholder={chosen.length === 0 ? t`A name, or an e-mail address` : ""}
      splitChars={[",", ";", " "]}
      acceptValueOnBlur
      onChange={(next) => onChange(next.length > 0 ? next : undefined)}
      filter={({ options, search }) =>
        options.filter((it) => {
          const email = "value" in it ? String(it.value) : "";
          const words = `${email} ${names.get(email) ?? ""}`.toLocaleLowerCase();
          return words.includes(search.trim().toLocaleLowerCase());
        })
      }
      renderOption={({ option }) => (
        <span>
          {names.get(String(option.value)) ?? option.value}
          <span className={classes.hint}>{option.value}</span>
        </span>
      )}
      comboboxProps={{ shadow: "md" }}
    />
  );
}
