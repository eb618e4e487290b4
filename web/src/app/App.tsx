/** The application: what every page stands in, and which page a path names. */
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { cspNonce } from "./nonce.ts";
import { Page } from "./routes.tsx";
import { cssVariables, theme } from "./theme.ts";
import { Waiting } from "./Waiting.tsx";

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, retry: 1, refetchOnWindowFocus: false } },
});

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
