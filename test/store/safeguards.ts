// What keeps a store of images safe, and the edits that leave each out.

import type { Edit } from "../mutated-module.ts";

const source = "packages/checkpoint/src/store";
const commit = `${source}/commit-image.ts`;
const newFile = `${source}/new-file.ts`;
const collect = `${source}/collect.ts`;
const store = `${source}/image-store.ts`;
const program = "packages/checkpoint/test/store/program.ts";

/** The fsync of the store in a commit, and who is told when it fails. */
const acknowledgement = `  const synced = syncDirectory(vfs, directory);
  if (synced !== undefined) return { kind: "indeterminate"`;

const fillAndSync =
  "failed = fill((bytes, position) => withKernelLimit(vfs, () => putAll(vfs, file, bytes, position))) ?? vfsFsync(vfs, file);";

export type Safeguard =
  | "fsync of files"
  | "fsync of the image directory"
  | "fsync of the store"
  | "files before the rename"
  | "another name until it is whole"
  | "pages before the manifest"
  | "checksums"
  | "an older image if the newest is damaged"
  | "no second fsync after an error"
  | "dirty pages until it is durable"
  | "a fresh sequence after a failure"
  | "the parent's digest"
  | "two generations"
  | "removal after all is durable"
  | "doubt about what is indeterminate"
  | "the name of what is removed";

/** What leaves each out. */
export const safeguards: Readonly<Record<Safeguard, readonly Edit[]>> = {
  "fsync of files": [{ file: newFile, search: fillAndSync, replace: fillAndSync.replace("vfsFsync(vfs, file)", "undefined") }],
  "fsync of the image directory": [
    {
      file: commit,
      search: `const synced = syncDirectory(vfs, directory);
  if (synced !== undefined) return { kind: "failed"`,
      replace: `const synced = undefined as Failure | undefined;
  if (synced !== undefined) return { kind: "failed"`,
    },
  ],
  "fsync of the store": [
    {
      file: commit,
      search: acknowledgement,
      replace: acknowledgement.replace("syncDirectory(vfs, directory)", "undefined as never"),
    },
  ],
  "files before the rename": [
    { file: newFile, search: fillAndSync, replace: fillAndSync.replace("vfsFsync(vfs, file)", "undefined") },
    {
      file: commit,
      search: acknowledgement,
      replace: `const names = [...filesOf(image)].map(({ name }) => name);
  for (const name of [...names, pages.encoding === "raw" ? "pages-1.img" : "pages.lines", checksumsName, manifestName]) {
    const unsynced = syncFile(vfs, pathIn(path, name));
    if (unsynced !== undefined) return { kind: "indeterminate", path, reason: unsynced.errno };
  }
${acknowledgement}`,
    },
    {
      file: commit,
      search: 'import { isFailure, lstat, mkdir, symlink, vfsRename } from "@pagelapse/vfs";',
      replace: `import { filpClose, filpOpen, isFailure, lstat, mkdir, symlink, vfsFsync, vfsRename } from "@pagelapse/vfs";
function syncFile(vfs: Vfs, path: string): Failure | undefined {
  const file = filpOpen(vfs, path, 0, 0);
  if (isFailure(file)) return file;
  const failed = vfsFsync(vfs, file);
  return filpClose(vfs, file) ?? failed;
}`,
    },
  ],
  "another name until it is whole": [
    { file: commit, search: "temporaryName(sequence, nonce))", replace: "imageName(sequence))" },
    {
      file: commit,
      search: "const renamed = vfsRename(vfs, temporary, path);",
      replace: "const renamed = undefined as Failure | undefined;",
    },
  ],
  "pages before the manifest": [
    {
      file: commit,
      search: "const put = putPages(vfs, directory, image, pages);",
      replace: `const elsewhere = createVfs({ fileSystem: new MemoryFileSystem() });
  const put = putPages(elsewhere, "/", image, pages);`,
    },
    {
      file: commit,
      search: "  const unwritten = write(manifestName, manifest);",
      replace: `  const unwritten = write(manifestName, manifest);
  const late = putPages(vfs, directory, image, pages);
  if ("kind" in late) return late;`,
    },
    {
      file: commit,
      search: 'import { isFailure, lstat, mkdir, symlink, vfsRename } from "@pagelapse/vfs";',
      replace: 'import { MemoryFileSystem, createVfs, isFailure, lstat, mkdir, symlink, vfsRename } from "@pagelapse/vfs";',
    },
  ],
  checksums: [
    { file: `${source}/stored-image.ts`, search: "if (found === expected) return;", replace: "if (found >= 0) return;" },
    { file: `${source}/open-image.ts`, search: "if (found !== digest) throw", replace: "if (found === undefined) throw" },
  ],
  "an older image if the newest is damaged": [
    {
      file: `${source}/survey.ts`,
      search: "newest: images.at(-1),",
      replace: "newest: images.at(-1)?.image.sequence === sequences.at(-1) ? images.at(-1) : undefined,",
    },
  ],
  "no second fsync after an error": [
    {
      file: newFile,
      search: fillAndSync,
      replace: fillAndSync.replace("vfsFsync(vfs, file)", "(vfsFsync(vfs, file) && vfsFsync(vfs, file))"),
    },
    {
      file: newFile,
      search: "const synced = vfsFsync(vfs, directory);",
      replace: "const synced = vfsFsync(vfs, directory) && vfsFsync(vfs, directory);",
    },
  ],
  "dirty pages until it is durable": [
    {
      file: program,
      search: "const result = store.commit(made.image, made.pages);",
      replace: "this.#dirty = new Set();\n    const result = store.commit(made.image, made.pages);",
    },
  ],
  "a fresh sequence after a failure": [
    {
      file: program,
      search: "const sequence = store.nextSequence();",
      replace: "const sequence = (this.#saved?.sequence ?? 0) + 1 || store.nextSequence();",
    },
    { file: store, search: "if (image.sequence < next)", replace: "if (image.sequence < 0)" },
    { file: commit, search: "if (!isFailure(standing))", replace: "if (image.sequence < 0)" },
    {
      file: commit,
      search: 'if (standing.errno !== "ENOENT")',
      replace: 'if (isFailure(standing) && standing.errno !== "ENOENT")',
    },
    {
      file: commit,
      search: "if (renamed !== undefined)",
      replace: 'if (renamed !== undefined && renamed.errno !== "ENOTEMPTY")',
    },
  ],
  "the parent's digest": [
    {
      file: `${source}/image-chain.ts`,
      search: "named.sequence !== parent.image.sequence || named.digest !== parent.digest",
      replace: "named.sequence !== parent.image.sequence",
    },
  ],
  "two generations": [{ file: collect, search: "const generationsKept = 2;", replace: "const generationsKept = 1;" }],
  "removal after all is durable": [
    {
      file: collect,
      search: "const notDurable = syncDirectory(vfs, directory);",
      replace: "const notDurable = undefined as { readonly errno: never } | undefined;",
    },
    {
      file: collect,
      search: "const notGone = syncDirectory(vfs, directory);",
      replace: "const notGone = undefined as { readonly errno: never } | undefined;",
    },
    { file: commit, search: acknowledgement, replace: `removeOld(vfs, directory);\n${acknowledgement}` },
    {
      file: commit,
      search: 'import { putPages } from "./put-pages.ts";',
      replace: `import { putPages } from "./put-pages.ts";
import { collect } from "./collect.ts";
import { survey } from "./survey.ts";
function removeOld(vfs: Vfs, directory: string): void {
  const found = survey(vfs, directory, [], "maps");
  if (!isFailure(found)) collect(vfs, directory, found, new Set());
}`,
    },
  ],
  "doubt about what is indeterminate": [
    { file: store, search: 'if (result.kind === "indeterminate") this.#doubted.add(image.sequence);', replace: "" },
  ],
  "the name of what is removed": [
    {
      file: collect,
      search: "const refused = vfsRename(vfs, path, gone);",
      replace: "const refused = undefined as { readonly errno: never } | undefined;",
    },
    { file: collect, search: "leftovers.push(gone);", replace: "leftovers.push(path);" },
  ],
};
