/** Moves or cancels runs that wait on older versions, part by part, and says what came of it. */
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { SettledRuns } from "~/api/contract.ts";
import { keys } from "~/api/query.ts";
import { say } from "~/ui/toast.tsx";

type Fate = "move" | "cancel";

/** Goes on where the server stopped after its two seconds, until all have been looked at. */
export async function settleAll(
  flow: string,
  fate: Fate,
  first?: SettledRuns,
): Promise<{ done: number; stay: number }> {
  const staying = (part: SettledRuns) => part.stay.reduce((sum, { runs }) => sum + runs, 0);
  let part = first ?? (await api.flows.settleWaiting(flow, fate));
  let [done, stay] = [part.done, staying(part)];
  while (part.next !== null) {
    part = await api.flows.settleWaiting(flow, fate, part.next);
    done += part.done;
    stay += staying(part);
  }
  return { done, stay };
}

export function useSettledText() {
  const { t } = useLingui();
  return (fate: Fate, { done, stay }: { done: number; stay: number }): string => {
    const some =
      fate === "move"
        ? plural(done, { one: "# waiting run was moved.", other: "# waiting runs were moved." })
        : plural(done, { one: "# waiting run ends.", other: "# waiting runs end." });
    const rest = plural(stay, {
      one: "# stays on its version.",
      other: "# stay on their version.",
    });
    return stay > 0 ? t`${some} ${rest}` : some;
  };
}

export function useSettle(flow: string) {
  const queries = useQueryClient();
  const textOf = useSettledText();
  return async (fate: Fate) => {
    const settled = await settleAll(flow, fate);
    await Promise.all([
      queries.invalidateQueries({ queryKey: keys.versions(flow) }),
      queries.invalidateQueries({ queryKey: keys.runs }),
    ]);
    say(textOf(fate, settled));
  };
}
