import { fileURLToPath } from "node:url";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { linguiMacro } from "./scripts/macro.ts";
import { beginFirst, startFiles } from "./scripts/start.ts";

const server = "http://127.0.0.1:8700";

export default defineConfig({
  base: "/",
  plugins: [linguiMacro(), lingui(), react(), beginFirst()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: { "/api": server, "/in": server, "/help": server },
  },
  build: {
    outDir: "tramo_web/static",
    emptyOutDir: true,
    // The content security policy has no `data:` fonts or scripts: every asset is a file.
    assetsInlineLimit: 0,
    // One style sheet: a part that is shown later has its looks already, whatever the line does.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { index: "index.html", FlowPage: "src/app/editor/FlowPage.tsx" },
      output: { codeSplitting: { groups: startFiles() } },
    },
  },
  worker: { format: "es" },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
    css: false,
    maxWorkers: "100%", // The default leaves a core to whoever watches; of two, that is half.
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
