/** Errors in the words of the person who meets them: what happened and what to do. */
import { useLingui } from "@lingui/react/macro";
import { isProblem, UNREACHABLE } from "~/api/problem.ts";

export function useProblemText(): (error: unknown) => string {
  const { t } = useLingui();
  return (error) => {
    if (!isProblem(error)) {
      return t`This page met something it did not expect. Load it again; if that does not help, tell whoever runs your Tramo.`;
    }
    if (error.code === UNREACHABLE) {
      return t`The server does not answer. Check your connection and that Tramo is running, then try again.`;
    }
    // The server's own sentence is in the reader's language and names place and cure.
    if (error.message !== "") return error.message;
    if (error.status === 403)
      return t`Your role does not allow this. Ask an owner of the workspace.`;
    if (error.status === 404) return t`This is no longer here. Somebody may have deleted it.`;
    if (error.status === 429) return t`That was too fast. Wait a minute and try again.`;
    if (error.status >= 500) return t`The server could not do this. Try again in a moment.`;
    return t`The server refused this without saying why. Load the page again and retry.`;
  };
}
