import { i18n } from "@lingui/core";
import { Trans } from "@lingui/react/macro";
import { Activity, type ReactNode, Suspense, useEffect, useState } from "react";
import type { Session } from "~/api/contract.ts";
import { useSessionQuery } from "~/api/query.ts";
import { later } from "~/ui/later.ts";
import { Failure } from "~/ui/Notice.tsx";
import { isLanguage } from "../language.ts";
import { speak } from "../locale.ts";
import { Waiting } from "../Waiting.tsx";
import { EntryFrame } from "./EntryFrame.tsx";
import { SessionContext } from "./session.ts";

const SignInPage = later(async () => ({ default: (await import("./SignInPage.tsx")).SignInPage }));

/**
 * Lets a page through once somebody is signed in; asks for the sign-in in its place until then.
 *
 * A session may end while somebody works. What they see and type stays behind the sign-in as it is,
 * asleep, and is there again for the same person.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const query = useSessionQuery();
  const { data } = query;
  const session = data?.user ? data : null;
  const nobody = data && !data.user ? data : null;
  const [last, setLast] = useState<Session | null>(session);
  if (session && session !== last) setLast(session);
  const language = session?.user.language;

  useEffect(() => {
    if (isLanguage(language) && language !== i18n.locale) void speak(language);
  }, [language]);

  const behind = session ?? last;
  return (
    <>
      {behind && (
        <Activity key={behind.user.id} mode={session ? "visible" : "hidden"}>
          <SessionContext value={behind}>{children}</SessionContext>
        </Activity>
      )}
      {!session &&
        (nobody ? (
          <Suspense fallback={<Waiting />}>
            <SignInPage
              ownerExists={nobody.ownerExists}
              demo={nobody.demo}
              last={last?.user.email ?? null}
            />
          </Suspense>
        ) : query.error ? (
          <EntryFrame title={<Trans>Tramo is out of reach</Trans>}>
            <Failure
              error={query.error}
              title={<Trans>Your pages could not be opened</Trans>}
              onRetry={() => void query.refetch()}
            />
          </EntryFrame>
        ) : (
          <Waiting />
        ))}
    </>
  );
}
