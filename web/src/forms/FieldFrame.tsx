/** A field's title, help and problems, and the switch between a fixed value and a formula. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon } from "@mantine/core";
import { SquareFunction } from "lucide-react";
import type { ReactNode } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import type { Told } from "~/model/problem.ts";
import { Tip } from "~/ui/Tip.tsx";
import classes from "./form.module.css";
import type { TargetProps } from "./formula/target.ts";
import { ProblemLines } from "./ProblemLines.tsx";

interface FieldFrameProps {
  id: string;
  /** The place in the form's value, by which a problem finds its field. */
  pointer: string;
  title: string;
  titled: boolean;
  required: boolean;
  schema: JsonSchema;
  problems: Told[];
  formula: boolean;
  condition: boolean;
  /** Several inputs in one, which no single label can name. */
  grouped: boolean;
  onFormula?: () => void;
  pick: ReactNode;
  /** What makes the field a place for data that is clicked or dragged. */
  target?: TargetProps;
  children: ReactNode;
}

export function FieldFrame(props: FieldFrameProps) {
  const { id, title, titled, required, schema, problems, formula, onFormula, pick } = props;
  const { t } = useLingui();
  const help = typeof schema.description === "string" ? schema.description : "";
  const words = formula ? t`Use a fixed value` : t`Use a formula`;
  const name = (
    <>
      {title}
      {required && titled && (
        <span className={classes.required} title={t`Required`} aria-hidden>
          *
        </span>
      )}
    </>
  );
  const shared = { className: titled ? classes.title : classes.unseen, id: `${id}-title` };
  return (
    <div
      className={classes.field}
      data-field={id}
      data-pointer={props.pointer}
      data-untitled={!titled || undefined}
      {...(props.grouped && { role: "group", "aria-labelledby": `${id}-title` })}
      {...props.target}
    >
      <div className={classes.heading}>
        {props.grouped ? (
          <span {...shared}>{name}</span>
        ) : (
          <label {...shared} htmlFor={id}>
            {name}
          </label>
        )}
        <span className={classes.tools}>
          {pick}
          {onFormula && (
            <Tip label={words} openDelay={300}>
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
            </Tip>
          )}
        </span>
      </div>
      {props.children}
      <ProblemLines problems={problems} title={title} condition={props.condition} />
      {titled && help && (
        <p className={classes.help} id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
