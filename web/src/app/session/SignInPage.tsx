import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Code, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client.ts";
import { keys } from "~/api/query.ts";
import { useProblemText } from "~/ui/problem.ts";
import { useTitle } from "../title.ts";
import { EntryFrame } from "./EntryFrame.tsx";

interface SignInPageProps {
  ownerExists: boolean;
  /** Whoever owns the demo shop has no password. */
  demo: boolean;
  /** The e-mail of who was signed in on this page before. */
  last: string | null;
}

/** Asks for e-mail and password; on a new installation, says how the first account is made. */
export function SignInPage({ ownerExists, demo, last }: SignInPageProps) {
  const { t } = useLingui();
  useTitle(t`Sign in`);
  return ownerExists ? (
    <EntryFrame
      title={last === null ? <Trans>Sign in</Trans> : <Trans>You have been signed out</Trans>}
      lead={
        last !== null && (
          <Trans>
            Sign in again to go on where you were. What you have typed on this page is kept.
          </Trans>
        )
      }
    >
      {demo && (
        <Text>
          <Trans>
            The demo shop is entered without a password, by the link that Tramo prints when it
            starts. It prints a new one each time.
          </Trans>
        </Text>
      )}
      <SignInForm last={last} />
    </EntryFrame>
  ) : (
    <EntryFrame
      title={<Trans>Welcome to Tramo</Trans>}
      lead={<Trans>Nobody has an account here yet.</Trans>}
    >
      <Text>
        <Trans>
          Open the one-time link that Tramo printed when it started. It looks like{" "}
          <Code>/start#t=…</Code> and makes you the owner of this workspace.
        </Trans>
      </Text>
      <Text size="sm" c="var(--tramo-ink-soft)">
        <Trans>
          Lost it? Stop Tramo and start it again: as long as there is no owner, it prints a new one.
        </Trans>
      </Text>
    </EntryFrame>
  );
}

function SignInForm({ last }: { last: string | null }) {
  const { t } = useLingui();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const [email, setEmail] = useState(last ?? "");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.session.signIn(email.trim(), password),
    onSuccess: (session) => queries.setQueryData(keys.session, session),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t`E-mail`}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus={last === null}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t`Password`}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus={last !== null}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t`Show or hide the password` }}
        />
        {signIn.error && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(signIn.error)}
          </Text>
        )}
        <Button type="submit" loading={signIn.isPending} fullWidth>
          <Trans>Sign in</Trans>
        </Button>
        <Text size="sm" c="var(--tramo-ink-soft)">
          <Trans>Forgot your password? An owner can send you a new one-time link.</Trans>
        </Text>
      </Stack>
    </form>
  );
}
