/** What a person changes for themselves: the language, and whether they are signed in. */
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client.ts";
import { useProblemText } from "~/ui/problem.ts";
import { say } from "~/ui/toast.tsx";
import type { Language } from "../language.ts";
import { speak } from "../locale.ts";
import { navigate } from "../router.tsx";

export function useAccount() {
  const queries = useQueryClient();
  const problemText = useProblemText();
  return {
    async choose(language: Language) {
      try {
        // Kept first: who goes on as soon as the page speaks it finds it on the next one.
        await api.session.setLanguage(language);
        await speak(language);
        // Node names, problems and run errors come from the server in the person's language.
        await queries.invalidateQueries();
      } catch (error) {
        say(problemText(error), "problem");
      }
    },
    async signOut() {
      try {
        await api.session.signOut();
        queries.clear();
        navigate("/flows", { replace: true });
        location.reload();
      } catch (error) {
        say(problemText(error), "problem");
      }
    },
  };
}
