import type { LinguiConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

const config: LinguiConfig = {
  sourceLocale: "en",
  locales: ["en", "es", "pt", "ro"],
  catalogs: [
    { path: "<rootDir>/src/locales/{locale}/messages", include: ["src"], exclude: ["**/*.test.*"] },
  ],
  format: formatter({ lineNumbers: false, origins: false }),
  // Ours reads no element in the values of a sentence: they are what customers and vendors wrote.
  runtimeConfigModule: { Trans: ["~/ui/Trans.tsx", "Trans"] },
};

export default config;
