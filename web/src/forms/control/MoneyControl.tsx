import { useLingui } from "@lingui/react/macro";
import { writeJson } from "~/api/json.ts";
import { hintOf } from "~/model/schema.ts";
import { useFormat } from "~/ui/format.ts";
import classes from "../form.module.css";
import type { ControlProps } from "./Control.tsx";
import { NumberControl } from "./NumberControl.tsx";

/** An amount, exact, with its currency beside it where that is known. */
export function MoneyControl(props: ControlProps) {
  const { t } = useLingui();
  const { locale } = useFormat();
  const named = hintOf(props.schema).currency ?? "currency";
  const beside = /^[A-Z]{3}$/.test(named) ? named : props.siblings[named];
  const currency = typeof beside === "string" && /^[A-Z]{3}$/.test(beside) ? beside : null;
  const unread = typeof props.value === "string" && props.kind !== "decimal";
  const amount =
    props.value == null || unread ? Number.NaN : Number(writeJson(props.value).replaceAll('"', ""));
  const readable = currency !== null && Number.isFinite(amount);
  return (
    <>
      <div className={classes.row}>
        <div className={classes.grow}>
          <NumberControl {...props} />
        </div>
        {currency && (
          <span className={classes.unit} title={t`Currency`}>
            {currency}
          </span>
        )}
      </div>
      {readable && (
        <p className={classes.help}>
          {new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount)}
        </p>
      )}
    </>
  );
}
