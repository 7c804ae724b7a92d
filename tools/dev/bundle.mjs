// Bundles the command into a few files, and does nothing when nothing that goes into it has changed.

import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Node takes 60 ms to load 150 small modules and 40 ms for all of rxjs; the command is to start in less.

const top = join(dirname(fileURLToPath(import.meta.url)), "../..");
const output = join(top, "tools/cli/dist");
const sources = ["tools/cli/src", ...readdirSync(join(top, "packages")).map((name) => `packages/${name}/src`)];
const files = sources.flatMap((folder) =>
  readdirSync(join(top, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
);

/** When a file was last written; 0 when it is not there. */
function writtenAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const paths = [
  ...files.map((entry) => join(entry.parentPath, entry.name)),
  join(top, "node_modules/.setup-stamp"),
  fileURLToPath(import.meta.url),
];
const newest = Math.max(...paths.map(writtenAt));
if (writtenAt(join(output, "bin.js")) > newest) process.exit(0);

/** Help and usage errors do without all of the packages, and what they stand on; only `hunt` needs fast-check. */
function isMachine(path) {
  if (path.startsWith(join(top, "packages/trace/src/testing"))) return false;
  return path.startsWith(join(top, "packages")) || /node_modules\/(rxjs|immer)\//.test(path);
}

/** What a user's own module may import: each a file beside the command, of the same one copy (`tools/cli/src/own-packages.ts`). */
const offered = ["checkpoint", "mmu", "vfs", "vma"].map((name) => [name, join(top, `packages/${name}/src/index.ts`)]);

const { rolldown } = await import("rolldown");
mkdirSync(output, { recursive: true });
for (const name of readdirSync(output)) if (/\.js(\.map)?$/.test(name)) rmSync(join(output, name));
const bundle = await rolldown({
  input: Object.fromEntries([["bin", join(top, "tools/cli/src/bin.ts")], ...offered]),
  platform: "node",
  // DuckDB is native, and optional.
  external: [/^node:/, /^@duckdb\//],
  resolve: {
    conditionNames: ["@pagelapse/source", "node", "import", "default"],
    // For Node rxjs has CommonJS only, of which nothing can be left out.
    alias: { rxjs: join(top, "packages/events/node_modules/rxjs/dist/esm/index.js") },
  },
});
await bundle.write({
  dir: output,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "[name].js",
  sourcemap: true,
  codeSplitting: { groups: [{ name: "machine", test: isMachine }] },
});
