import { i18n } from "@lingui/core";
import { Trans } from "@lingui/react/macro";
import { type ReactNode, Suspense, useEffect } from "react";
import { useSessionQuery } from "~/api/query.ts";
import { later } from "~/ui/later.ts";
import { Failure } from "~/ui/Notice.tsx";
import { isLanguage } from "../language.ts";
import { speak } from "../locale.ts";
import { Waiting } from "../Waiting.tsx";
import { EntryFrame } from "./EntryFrame.tsx";
import { SessionContext } from "./session.ts";

const SignInPage = later(async () => ({ default: (await import("./SignInPage.tsx")).SignInPage }));

/** Lets a page through once somebody is signed in; asks for the sign-in in its place until then. */
export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSessionQuery();
  const language = session.data?.user?.language;

  useEffect(() => {
    if (isLanguage(language) && language !== i18n.locale) void speak(language);
  }, [language]);

  if (session.data?.user) return <SessionContext value={session.data}>{children}</SessionContext>;
  if (session.data) {
    return (
      <Suspense fallback={<Waiting />}>
        <SignInPage ownerExists={session.data.ownerExists} />
      </Suspense>
    );
  }
  if (session.error) {
    return (
      <EntryFrame title={<Trans>Tramo is out of reach</Trans>}>
        <Failure
          error={session.error}
          title={<Trans>Your pages could not be opened</Trans>}
          onRetry={() => void session.refetch()}
        />
      </EntryFrame>
    );
  }
  return <Waiting />;
}
