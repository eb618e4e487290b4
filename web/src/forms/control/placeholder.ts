/** What an empty field says: the value that holds meanwhile, or one such as could stand there. */
import { useLingui } from "@lingui/react/macro";
import type { JsonSchema } from "~/api/contract.ts";
import { type Json, writeJson } from "~/api/json.ts";

const shown = (value: Json) => (typeof value === "string" ? value : writeJson(value));

export function usePlaceholder(schema: JsonSchema): string {
  const { t } = useLingui();
  const usual = schema.default;
  if (usual != null && usual !== "") return t`${shown(usual)} unless said otherwise`;
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  return example == null ? "" : t`such as ${shown(example)}`;
}
