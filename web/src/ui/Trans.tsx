/** A sentence with elements in it. What `<Trans>` of the macro becomes, see lingui.config.ts. */
import { Trans as FormattedTrans, type TransProps } from "@lingui/react";
import type { ReactNode } from "react";

/**
 * Shows a message whose elements are those of the message alone.
 *
 * Lingui looks for elements after it has put the values in, so a text with `<b>` in it would lose
 * its brackets. A text that is handed over as a list of nodes is put in as it is.
 */
export function Trans({ values, ...rest }: TransProps): ReactNode {
  return <FormattedTrans {...rest} {...(values && { values: asText(values) })} />;
}

function asText(values: Record<string, unknown>): Record<string, unknown> {
  const safe = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "string" && value.includes("<") ? [value] : value,
  ]);
  return Object.fromEntries(safe);
}
