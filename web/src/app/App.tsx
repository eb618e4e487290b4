/** The application: what every page stands in, and which page a path names. */
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { createQueries } from "~/api/query.ts";
import { cspNonce } from "~/ui/nonce.ts";
import { Page } from "./routes.tsx";
import { cssVariables, theme } from "./theme.ts";
import { Waiting } from "./Waiting.tsx";

const queries = createQueries();

export function App() {
  return (
    <I18nProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        deduplicateInlineStyles
        getStyleNonce={cspNonce}
      >
        <QueryClientProvider client={queries}>
          <Suspense fallback={<Waiting />}>
            <Page />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  );
}
