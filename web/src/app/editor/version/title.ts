import { useLingui } from "@lingui/react/macro";
import type { FlowVersion } from "~/api/contract.ts";
import { useFormat } from "~/ui/format.ts";

/** What a version is called: its number and name, or when it went live. */
export function useVersionTitle() {
  const { t } = useLingui();
  const format = useFormat();
  return ({ number, name, published_at }: FlowVersion): string => {
    const moment = format.moment(published_at);
    const title = number === null ? t`Version of ${moment}` : t`Version ${number}`;
    return name ? `${title} · ${name}` : title;
  };
}
