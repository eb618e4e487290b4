/** The editor measured in a real browser; modules are those of the editor. */
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const modules = fileURLToPath(new URL("../../../web/node_modules", import.meta.url));

export default {
  root: here,
  cacheDir: `${modules}/.vite-bench`,
  resolve: { alias: { "playwright-core": `${modules}/playwright-core/index.mjs` } },
  test: {
    include: ["bench.test.ts"],
    pool: "forks",
    testTimeout: 600_000,
    hookTimeout: 60_000,
    reporters: ["verbose"],
  },
};
