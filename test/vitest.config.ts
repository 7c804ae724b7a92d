import { fileURLToPath } from "node:url";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

/** Tests read the packages' sources; the command and everything with a worker is tested as built. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  ssr: { resolve: { conditions: ["@pagelapse/source", ...defaultServerConditions] } },
  test: {
    testTimeout: 120_000,
    setupFiles: [fileURLToPath(new URL("seed.ts", import.meta.url))],
    projects: [
      { extends: true, test: { name: "packages", include: ["packages/*/test/**/*.test.ts"] } },
      { extends: true, test: { name: "laws", include: ["test/**/*.test.ts"] } },
      { extends: true, test: { name: "tools", include: ["tools/*/test/**/*.test.ts"] } },
    ],
  },
});
