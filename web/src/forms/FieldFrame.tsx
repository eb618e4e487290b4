/** A field's title, help and problems, and the switch between a fixed value and a formula. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Tooltip } from "@mantine/core";
import { SquareFunction } from "lucide-react";
import type { ReactNode } from "react";
import type { JsonSchema, Problem } from "~/api/contract.ts";
import classes from "./form.module.css";

interface FieldFrameProps {
  id: string;
  /** The place in the form's value, by which a problem finds its field. */
  pointer: string;
  title: string;
  titled: boolean;
  required: boolean;
  schema: JsonSchema;
  problems: Problem[];
  formula: boolean;
  onFormula?: () => void;
  pick: ReactNode;
  children: ReactNode;
}

export function FieldFrame(props: FieldFrameProps) {
  const { id, title, titled, required, schema, problems, formula, onFormula, pick } = props;
  const { t } = useLingui();
  const help = typeof schema.description === "string" ? schema.description : "";
  const words = formula ? t`Use a fixed value` : t`Use a formula`;
  return (
    <div
      className={classes.field}
      data-field={id}
      data-pointer={props.pointer}
      data-untitled={!titled || undefined}
    >
      <div className={classes.heading}>
        <label className={titled ? classes.title : classes.unseen} htmlFor={id} id={`${id}-title`}>
          {title}
          {required && titled && (
            <span className={classes.required} title={t`Required`} aria-hidden>
              *
            </span>
          )}
        </label>
        <span className={classes.tools}>
          {pick}
          {onFormula && (
            <Tooltip label={words} openDelay={300}>
              <ActionIcon
                size={22}
                variant={formula ? "light" : "subtle"}
                color={formula ? "tramo" : "gray"}
                aria-label={`${title}: ${words}`}
                aria-pressed={formula}
                onClick={onFormula}
              >
                <SquareFunction size={15} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </div>
      {props.children}
      {problems.map((problem) => (
        <p
          key={problem.code + problem.message}
          className={classes.problem}
          data-level={problem.level}
          role={problem.level === "error" ? "alert" : undefined}
        >
          {problem.message}
        </p>
      ))}
      {titled && help && (
        <p className={classes.help} id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
