/** What can be done to a flow from the list: each says what it did, or why it could not. */
import { useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import type { FlowSummary } from "~/api/contract.ts";
import { type JsonObject, writeJson } from "~/api/json.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import { navigate } from "../router.tsx";

export function useFlowCommands(flow: FlowSummary) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const problemText = useProblemText();

  const attempt = async (work: () => Promise<unknown>, done?: string) => {
    try {
      await work();
      await queries.invalidateQueries({ queryKey: keys.flows });
      if (done) say(done);
    } catch (error) {
      say(problemText(error), "problem");
    }
  };

  return {
    pause: () =>
      attempt(
        () => api.flows.pause(flow.id),
        t`“${flow.name}” is paused. Runs under way go on; new events start none.`,
      ),
    resume: () => attempt(() => api.flows.resume(flow.id), t`“${flow.name}” is active again.`),
    duplicate: () =>
      attempt(async () => {
        const { document } = await api.flows.get(flow.id);
        const copy = await api.flows.create({
          document: copyOf(document, t`Copy of ${flow.name}`),
        });
        navigate(`/flows/${copy.id}`);
      }),
    download: () =>
      attempt(async () => {
        const document = await api.flows.export(flow.id);
        saveFile(`${fileName(flow.name)}.json`, `${writeJson(document, 2)}\n`);
      }),
  };
}

/** The same flow as one of its own: whoever takes it in gives it its id. */
export function copyOf(document: object, name?: string): JsonObject {
  const { id: _, ...copy } = document as JsonObject;
  return name === undefined ? copy : { ...copy, name: name.slice(0, 200) };
}

/** A name that every file system takes. */
function fileName(name: string): string {
  const plain = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return plain.toLowerCase() || "flow";
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
