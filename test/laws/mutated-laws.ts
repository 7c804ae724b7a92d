// The laws over packages with one deliberate bug: bundled from source, the bug put in on the way.

import { rmSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, defaultServerConditions } from "vite";
import type { Plugin } from "vite";
import type { laws } from "./laws.ts";
import type { Mutant } from "./mutants/mutant.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));
const entry = join(top, "test/laws/laws.ts");

/** The laws as they judge the packages with that bug. Throws when the text that it replaces does not stand there once. */
export async function mutatedLaws(mutant: Mutant): Promise<typeof laws> {
  const code = await bundle(mutant);
  // Beside the other tests, where bare imports are found.
  const folder = mkdtempSync(join(top, "test/.mutant-"));
  try {
    const file = join(folder, "laws.mjs");
    writeFileSync(file, code);
    const module: { readonly laws: typeof laws } = await import(/* @vite-ignore */ pathToFileURL(file).href);
    return module.laws;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundle(mutant: Mutant): Promise<string> {
  const output = await build({
    configFile: false,
    root: top,
    logLevel: "silent",
    plugins: [putIn(mutant)],
    ssr: {
      noExternal: true,
      external: ["fast-check"],
      resolve: { conditions: ["@pagelapse/source", ...defaultServerConditions] },
    },
    build: { ssr: entry, write: false, minify: false, rollupOptions: { external: ["fast-check"] } },
  });
  const bundles = Array.isArray(output) ? output : [output];
  const chunk = "output" in bundles[0] ? bundles[0].output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error("nothing was bundled");
  return chunk.code;
}

function putIn({ bug, file, search, replace }: Mutant): Plugin {
  return {
    name: "mutant",
    enforce: "pre",
    transform(code, id) {
      if (id !== join(top, file)) return undefined;
      const count = code.split(search).length - 1;
      if (count !== 1) throw new Error(`${bug}: the text to replace stands ${count} times in ${file}`);
      return { code: code.replace(search, () => replace), map: null };
    },
  };
}
