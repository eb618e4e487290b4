import { useLingui } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { type Language, languages } from "../language.ts";
import { speak } from "../locale.ts";
import classes from "./language.module.css";

/** The languages by their own names, for people who cannot read the present one. */
export function LanguagePicker() {
  const { i18n, t } = useLingui();
  return (
    <nav className={classes.row} aria-label={t`Language`}>
      {(Object.keys(languages) as Language[]).map((language) => (
        <UnstyledButton
          key={language}
          className={classes.language}
          lang={language}
          aria-current={i18n.locale === language ? "true" : undefined}
          onClick={() => void speak(language)}
        >
          {languages[language]}
        </UnstyledButton>
      ))}
    </nav>
  );
}
