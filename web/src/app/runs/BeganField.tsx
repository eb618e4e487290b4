import { useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import { keys, useCatalog } from "~/api/query.ts";
import { readFlow } from "~/model/flow.ts";
import { isTrigger, nodeTypesOf } from "~/model/port.ts";
import { nodeTitle } from "~/model/variable.ts";
import type { Asked } from "./filter.ts";
import classes from "./runs.module.css";

interface BeganFieldProps {
  asked: Asked;
  onChange: (changes: Pick<Asked, "began" | "trigger">) => void;
}

interface Choice {
  value: string;
  label: string;
}

/** How the runs began: by hand or not, and of one flow, by which of its triggers. */
export function BeganField({ asked, onChange }: BeganFieldProps) {
  const { t } = useLingui();
  const triggers = useTriggers(asked.flow);
  const ways = [
    { value: "hand", label: t`By hand` },
    { value: "itself", label: t`By themselves` },
  ];
  const value = asked.trigger === null ? asked.began : `by ${asked.trigger}`;
  return (
    <Select
      className={classes.began}
      aria-label={t`How they began`}
      placeholder={t`However they began`}
      clearable
      data={triggers.length > 0 ? [...ways, { group: t`Triggers`, items: triggers }] : ways}
      value={value}
      onChange={(chosen) =>
        onChange(
          chosen?.startsWith("by ")
            ? { began: null, trigger: chosen.slice(3) }
            : { began: chosen as Asked["began"], trigger: null },
        )
      }
    />
  );
}

/** The triggers of a flow as it stands now, by the names that people gave them. */
function useTriggers(id: string | null): Choice[] {
  const { i18n } = useLingui();
  const catalog = useCatalog(i18n.locale);
  const flow = useQuery({
    queryKey: [...keys.flows, id, "triggers"],
    queryFn: () => api.flows.get(id ?? ""),
    enabled: id !== null,
  });
  if (!flow.data || !catalog.data) return [];
  const document = readFlow(flow.data.document);
  const types = nodeTypesOf(catalog.data);
  return document.nodes
    .filter((node) => isTrigger(types.get(node.type)))
    .map((node) => ({ value: `by ${node.id}`, label: nodeTitle(document, types, node.id) }));
}
