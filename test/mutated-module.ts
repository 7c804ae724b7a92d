// A module over sources with deliberate bugs: bundled, the bugs put in on the way.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, defaultServerConditions } from "vite";
import type { Plugin } from "vite";

const top = fileURLToPath(new URL("..", import.meta.url));

/** In the file, a path from the top, `search`, which stands there once, becomes `replace`. */
export interface Edit {
  readonly file: string;
  readonly search: string;
  readonly replace: string;
}

/** Imports a file, a path from the top, with these edits made. Throws when a text that is to be replaced does not stand there once. */
export async function mutatedModule<Module>(entry: string, edits: readonly Edit[]): Promise<Module> {
  const code = await bundle(entry, edits);
  // Beside the other tests, where bare imports are found.
  const folder = mkdtempSync(join(top, "test/.mutant-"));
  try {
    const file = join(folder, "module.mjs");
    writeFileSync(file, code);
    const module: Module = await import(/* @vite-ignore */ pathToFileURL(file).href);
    return module;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundle(entry: string, edits: readonly Edit[]): Promise<string> {
  const output = await build({
    configFile: false,
    root: top,
    logLevel: "silent",
    plugins: [putIn(edits)],
    ssr: {
      noExternal: true,
      external: ["fast-check"],
      resolve: { conditions: ["@pagelapse/source", ...defaultServerConditions] },
    },
    build: { ssr: join(top, entry), write: false, minify: false, rollupOptions: { external: ["fast-check"] } },
  });
  const bundles = Array.isArray(output) ? output : [output];
  const chunk = "output" in bundles[0] ? bundles[0].output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error("nothing was bundled");
  return chunk.code;
}

function putIn(edits: readonly Edit[]): Plugin {
  return {
    name: "mutant",
    enforce: "pre",
    transform(code, id) {
      const own = edits.filter(({ file }) => id === join(top, file));
      return own.length === 0 ? undefined : { code: own.reduce(edited, code), map: null };
    },
  };
}

function edited(code: string, { file, search, replace }: Edit): string {
  const count = code.split(search).length - 1;
  if (count !== 1) throw new Error(`the text to replace stands ${count} times in ${file}: ${search}`);
  return code.replace(search, () => replace);
}
