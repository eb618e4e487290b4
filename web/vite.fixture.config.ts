/** The editor with an API answered from memory: `npx vite --config vite.fixture.config.ts`. */
import { mergeConfig } from "vite";
import { fixtureServer } from "./test/fixture/server.ts";
import config from "./vite.config.ts";

const { server: _server, ...editor } = config;

export default mergeConfig(editor, {
  plugins: [fixtureServer()],
  server: { host: "127.0.0.1", port: Number(process.env.PORT ?? 5199), strictPort: true },
  cacheDir: process.env.VITE_CACHE ?? "node_modules/.vite-fixture",
});
