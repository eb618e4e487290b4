/** Stories in a real browser against real servers. Modules are those of the editor. */
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const modules = fileURLToPath(new URL("../../web/node_modules", import.meta.url));
const slow = Number(process.env.TRAMO_E2E_SLOW ?? 1) > 1;

export default {
  root: here,
  cacheDir: `${modules}/.vite-e2e`,
  resolve: {
    alias: {
      "playwright-core": `${modules}/playwright-core/index.mjs`,
      "axe-core": `${modules}/axe-core/axe.js`,
    },
  },
  test: {
    // A look at everything takes its time: it is for who asks for it.
    include: [process.env.TRAMO_SURVEY ? "*.test.ts" : "!(survey).test.ts"],
    pool: "forks",
    // Each file has its own server and browser; more at once than cores only wait for each other.
    maxWorkers: 2,
    sequence: { concurrent: false },
    // A browser on a loaded machine may miss a beat; a story that fails twice is broken.
    retry: 1,
    expect: { poll: { timeout: slow ? 90_000 : 30_000 } },
    testTimeout: slow ? 600_000 : 180_000,
    hookTimeout: 240_000,
    teardownTimeout: 20_000,
    reporters: ["verbose"],
  },
};
