import { Trans, useLingui } from "@lingui/react/macro";
import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client.ts";
import type { Session } from "~/api/contract.ts";
import { useProblemText } from "~/ui/problem.ts";
import { isLanguage } from "../language.ts";

const SHORTEST_PASSWORD = 10;

interface AccountFormProps {
  token: string;
  email: string;
  onCreated: (session: Session) => void;
}

/** Name, e-mail and password of a new account, in the language that the page is read in. */
export function AccountForm({ token, email: invited, onCreated }: AccountFormProps) {
  const { t, i18n } = useLingui();
  const problemText = useProblemText();
  const [name, setName] = useState("");
  const [email, setEmail] = useState(invited);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const tooShort = [...password].length < SHORTEST_PASSWORD;
  const create = useMutation({
    mutationFn: () =>
      api.accounts.create({
        token,
        name: name.trim(),
        email: email.trim(),
        password,
        language: isLanguage(i18n.locale) ? i18n.locale : "en",
      }),
    onSuccess: onCreated,
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!tooShort) create.mutate();
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t`Your name`}
          name="name"
          autoComplete="name"
          required
          withAsterisk={false}
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t`E-mail`}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t`Password`}
          description={t`At least ${SHORTEST_PASSWORD} characters. A short sentence is easy to remember.`}
          name="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          error={tried && tooShort ? t`Use at least ${SHORTEST_PASSWORD} characters.` : null}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t`Show or hide the password` }}
        />
        {create.error && (
          <Text size="sm" c="var(--tramo-bad)" role="alert">
            {problemText(create.error)}
          </Text>
        )}
        <Button type="submit" loading={create.isPending} fullWidth>
          <Trans>Create the account</Trans>
        </Button>
      </Stack>
    </form>
  );
}
