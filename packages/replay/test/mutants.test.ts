// Every law fails where a deliberate bug breaks it: so a law that holds says something.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { build, defaultServerConditions } from "vite";
import type { laws } from "./all-laws.ts";
import { mutants } from "./mutants.ts";
import type { Mutant } from "./mutants.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

test.each(mutants)("$bug: found out", async (mutant) => {
  const mutated = await mutatedLaws(mutant);
  await expect(mutated[mutant.law]({ numRuns: 1500, seed: 5, endOnFailure: true })).rejects.toThrow("Property failed");
});

/** The laws over a package with that bug: bundled from sources, the bug put in on the way. */
async function mutatedLaws({ bug, file, search, replace }: Mutant): Promise<typeof laws> {
  const output = await build({
    configFile: false,
    root: here,
    logLevel: "silent",
    plugins: [
      {
        name: "mutant",
        enforce: "pre",
        transform(code, id) {
          if (id !== join(here, "../src", file)) return undefined;
          const count = code.split(search).length - 1;
          if (count !== 1) throw new Error(`${bug}: the text to replace stands ${count} times in ${file}`);
          return { code: code.replace(search, () => replace), map: null };
        },
      },
    ],
    ssr: {
      noExternal: true,
      external: ["fast-check"],
      resolve: { conditions: ["@pagelapse/source", ...defaultServerConditions] },
    },
    build: { ssr: join(here, "all-laws.ts"), write: false, minify: false, rollupOptions: { external: ["fast-check"] } },
  });
  const bundles = Array.isArray(output) ? output : [output];
  const chunk = "output" in bundles[0] ? bundles[0].output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error("nothing was bundled");
  // Beside the other tests, where bare imports are found.
  const folder = mkdtempSync(join(here, ".mutant-"));
  try {
    const path = join(folder, "laws.mjs");
    writeFileSync(path, chunk.code);
    const module: { readonly laws: typeof laws } = await import(/* @vite-ignore */ pathToFileURL(path).href);
    return module.laws;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
