/** The application: what every page stands in, and which page a path names. */
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { createQueries } from "~/api/query.ts";
import { Announcer } from "~/ui/announce.tsx";
import { useNoStrayFiles } from "~/ui/file.ts";
import { useKeptFocus } from "~/ui/focus.ts";
import { cspNonce } from "~/ui/nonce.ts";
import { over } from "~/ui/over.ts";
import { Toasts } from "~/ui/toast.tsx";
import { Boundary } from "./Boundary.tsx";
import { LostNotice } from "./LostNotice.tsx";
import { Page } from "./routes.tsx";
import { cssVariables, theme } from "./theme.ts";
import { Waiting } from "./Waiting.tsx";

export function App() {
  const [queries] = useState(createQueries);
  useKeptFocus();
  useNoStrayFiles();
  return (
    <I18nProvider i18n={i18n}>
      <Look>
        <QueryClientProvider client={queries}>
          <Boundary>
            <Suspense fallback={<Waiting />}>
              <Page />
            </Suspense>
          </Boundary>
          <LostNotice />
          <Toasts />
          <Announcer />
        </QueryClientProvider>
      </Look>
    </I18nProvider>
  );
}

/** The theme, with the names of the buttons that components bring along in the spoken language. */
function Look({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  const [close, clear, reveal] = [t`Close`, t`Clear`, t`Show or hide the text`];
  const above = t`Opened over the page`;
  useEffect(() => over.setAttribute("aria-label", above), [above]);
  const named = useMemo(() => {
    const closing = {
      defaultProps: {
        closeButtonProps: { "aria-label": close },
        // The head of a dialog is not the banner of the page.
        attributes: { header: { role: "presentation" } },
      },
    };
    return {
      ...theme,
      components: {
        ...theme.components,
        Modal: closing,
        // What lies over the page stands in a landmark too.
        Portal: { defaultProps: { target: over } },
        // The first entry has the focus, in the place of an element that is no entry.
        Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
        Drawer: closing,
        Select: { defaultProps: { clearButtonProps: { "aria-label": clear } } },
        PasswordInput: { defaultProps: { visibilityToggleButtonProps: { "aria-label": reveal } } },
      },
    };
  }, [close, clear, reveal]);
  return (
    <MantineProvider
      theme={named}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      deduplicateInlineStyles
      getStyleNonce={cspNonce}
    >
      {children}
    </MantineProvider>
  );
}
