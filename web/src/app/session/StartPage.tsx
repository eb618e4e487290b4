/** Where a one-time link leads: a sign-in, the first owner's account, or an invitation. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "~/api/client.ts";
import type { RedeemedLink, Session } from "~/api/contract.ts";
import { isProblem } from "~/api/problem.ts";
import { keys } from "~/api/query.ts";
import { Failure } from "~/ui/Notice.tsx";
import { Link, navigate } from "../router.tsx";
import { useTitle } from "../title.ts";
import { Waiting } from "../Waiting.tsx";
import { AccountForm } from "./AccountForm.tsx";
import { EntryFrame } from "./EntryFrame.tsx";

type Invited = Extract<RedeemedLink, { purpose: "owner" | "invitation" }>;

/** The link's token; it stands after the `#`, so that no server log ever holds it. */
const readToken = () => new URLSearchParams(location.hash.slice(1)).get("t") ?? "";

/** A link is spent by its first use, and React may mount twice: each token is sent once. */
const redeemed = new Map<string, Promise<RedeemedLink>>();

function redeem(token: string, again: boolean): Promise<RedeemedLink> {
  const known = redeemed.get(token);
  if (known && !again) return known;
  const answer = api.links.redeem(token);
  redeemed.set(token, answer);
  return answer;
}

/** The token of the address, also where somebody puts the whole link in place of half of one. */
const useToken = () => useSyncExternalStore(watchToken, readToken);

function watchToken(tell: () => void): () => void {
  addEventListener("hashchange", tell);
  return () => removeEventListener("hashchange", tell);
}

export default function StartPage() {
  const { t } = useLingui();
  useTitle(t`Welcome`);
  const queries = useQueryClient();
  const token = useToken();
  const [tries, setTries] = useState(0);
  const [invited, setInvited] = useState<Invited | null>(null);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    setError(null);
    if (token === "") return;
    let open = true;
    redeem(token, tries > 0).then(
      (link) => {
        if (!open) return;
        if (link.purpose !== "sign_in") return setInvited(link);
        const { purpose: _purpose, ...session } = link;
        queries.setQueryData(keys.session, session);
        navigate("/flows", { replace: true });
      },
      (problem: unknown) => open && setError(problem),
    );
    return () => {
      open = false;
    };
  }, [token, tries, queries]);

  const enter = (session: Session) => {
    queries.setQueryData(keys.session, session);
    navigate("/flows", { replace: true });
  };

  if (invited) return <Invitation link={invited} token={token} onEntered={enter} />;
  if (token === "" || isProblem(error, "link.used")) return <SpentLink missing={token === ""} />;
  if (error !== null) {
    const retry = () => {
      setError(null);
      setTries((count) => count + 1);
    };
    return (
      <EntryFrame title={<Trans>This link could not be opened</Trans>}>
        <Failure error={error} title={<Trans>No answer to your link</Trans>} onRetry={retry} />
      </EntryFrame>
    );
  }
  return <Waiting />;
}

interface InvitationProps {
  link: Invited;
  token: string;
  onEntered: (session: Session) => void;
}

function Invitation({ link, token, onEntered }: InvitationProps) {
  return link.purpose === "owner" ? (
    <EntryFrame
      title={<Trans>Make this Tramo yours</Trans>}
      lead={<Trans>You will own the workspace: its flows, connections and people.</Trans>}
    >
      <AccountForm token={token} email={link.email} onCreated={onEntered} />
    </EntryFrame>
  ) : (
    <EntryFrame
      title={<Trans>You are invited to Tramo</Trans>}
      lead={
        link.role === "editor" ? (
          <Trans>You will build and change flows together with your team.</Trans>
        ) : (
          <Trans>You will work on flows together with your team.</Trans>
        )
      }
    >
      <AccountForm token={token} email={link.email} onCreated={onEntered} />
    </EntryFrame>
  );
}

function SpentLink({ missing }: { missing: boolean }) {
  return (
    <EntryFrame
      title={
        missing ? (
          <Trans>This link is not complete</Trans>
        ) : (
          <Trans>This link has been used or has expired</Trans>
        )
      }
    >
      <Text>
        {missing ? (
          <Trans>Copy the whole link, with everything after the # sign, and open it again.</Trans>
        ) : (
          <Trans>
            Each link works once. Sign in if you have an account, or ask an owner for a new link.
          </Trans>
        )}
      </Text>
      <Button component={Link} to="/flows" variant="light">
        <Trans>Go to the sign-in</Trans>
      </Button>
    </EntryFrame>
  );
}
