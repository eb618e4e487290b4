/** How much data there is: items or fields, and about how many bytes. */
import { Plural } from "@lingui/react/macro";
import { useMemo } from "react";
import type { Json } from "~/api/json.ts";
import { useFormat } from "~/ui/format.ts";
import classes from "./data.module.css";
import { sizeOf, weigh } from "./tree.ts";

export function Size({ value }: { value: Json }) {
  const format = useFormat();
  const weight = useMemo(() => weigh(value), [value]);
  const count = sizeOf(value) ?? 0;
  const [amount, unit] =
    weight < 1_000
      ? [weight, "byte"]
      : weight < 1_000_000
        ? [weight / 1_000, "kilobyte"]
        : [weight / 1_000_000, "megabyte"];
  const shown = new Intl.NumberFormat(format.locale, {
    style: "unit",
    unit: unit as string,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(amount as number);
  return (
    <span className={classes.size}>
      {Array.isArray(value) ? (
        <Plural value={count} one="# item" other="# items" />
      ) : (
        <Plural value={count} one="# field" other="# fields" />
      )}
      {" · "}
      {shown}
    </span>
  );
}
