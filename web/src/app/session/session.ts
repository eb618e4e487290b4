/** Who is signed in, for every page behind the gate. */
import { createContext, useContext } from "react";
import type { Session } from "~/api/contract.ts";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("This page stands outside the session gate");
  return session;
}

/** Whether the person may change flows and connections, or only look at them. */
export const useCanEdit = (): boolean => useSession().role !== "viewer";

export const useIsOwner = (): boolean => useSession().role === "owner";
