import type { Ask } from "~/api/contract.ts";
import { useSession } from "~/app/session/session.ts";

/** Whether the person may answer: those who are named do; where nobody is, whoever may edit. */
export function useMayAnswer(): (ask: Pick<Ask, "to">) => boolean {
  const { user, role } = useSession();
  return ({ to = [] }) =>
    to.length === 0
      ? role !== "viewer"
      : to.some((email) => email.trim().toLowerCase() === user.email.toLowerCase());
}
