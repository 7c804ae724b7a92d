// Images with something wrong in them, and all the rest put right again: checksums, digests, CRIU's files.

import {
  MemoryFileSystem,
  O_CREAT,
  O_TRUNC,
  O_WRONLY,
  createVfs,
  filpClose,
  filpOpen,
  ftruncate,
  isFailure,
  kernelBuffer,
  mkdir,
  readFile,
  readdir,
  readlink,
  setFs,
  symlink,
  vfsWrite,
} from "@pagelapse/vfs";
import type { FileSystem, Vfs } from "@pagelapse/vfs";
import { filesOf } from "../../src/criu/tree-files.ts";
import { crc32c } from "../../src/image/crc32c.ts";
import { digestOf } from "../../src/image/digest.ts";
import { digestOfPages, pageFilesOf } from "../../src/image/image-files.ts";
import { decodeManifest, encodeManifest } from "../../src/image/manifest.ts";
import type { Manifest } from "../../src/image/manifest.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { Program, runLengths } from "./program.ts";
import type { Encoding, MapName } from "./program.ts";

/** A vfs whose buffers are the kernel's. */
export function openVfs(fileSystem: FileSystem = new MemoryFileSystem()): Vfs {
  const vfs = createVfs({ fileSystem });
  setFs(vfs, "KERNEL_DS");
  return vfs;
}

/** A store with `image-1` and, on it, `image-2`. */
export function twoImages(
  maps: readonly MapName[],
  encoding: Encoding = "raw",
): { readonly vfs: Vfs; readonly store: ImageStore } {
  const vfs = openVfs();
  const store = new ImageStore(vfs, { codecs: [runLengths] });
  const program = new Program(maps);
  for (const map of maps) {
    program.write(map, 0, "a");
    program.write(map, 2, "b");
  }
  program.checkpoint(store, "full", encoding);
  program.write(maps[0], 2, "c", 9);
  program.write(maps[0], 3, "0");
  program.checkpoint(store, "increment", encoding);
  return { vfs, store };
}

/** The files of a directory, symlinks left out. */
export type Files = Map<string, Uint8Array>;

export function filesIn(vfs: Vfs, directory: string): Files {
  const entries = readdir(vfs, directory);
  if (isFailure(entries)) throw new Error(entries.errno);
  const files: Files = new Map();
  for (const { name, kind } of entries) {
    const bytes = kind === "file" ? readFile(vfs, `${directory}/${name}`) : undefined;
    if (bytes instanceof Uint8Array) files.set(name, bytes);
  }
  return files;
}

/** Puts bytes in place of a file, or in a new one. */
export function overwrite(vfs: Vfs, path: string, bytes: Uint8Array): void {
  const file = filpOpen(vfs, path, O_CREAT | O_WRONLY | O_TRUNC, 0o644);
  if (isFailure(file)) throw new Error(`${path}: ${file.errno}`);
  if (bytes.length > 0) vfsWrite(vfs, file, kernelBuffer(bytes));
  filpClose(vfs, file);
}

/** A copy of all there is, on which anything may be done. */
export function copyOf(vfs: Vfs): Vfs {
  const copy = openVfs();
  const copyInto = (directory: string): void => {
    const entries = readdir(vfs, directory);
    for (const { name, kind } of isFailure(entries) ? [] : entries) {
      const path = directory === "." ? name : `${directory}/${name}`;
      if (kind === "directory") {
        mkdir(copy, path, 0o755);
        copyInto(path);
      } else if (kind === "symlink") symlink(copy, readlink(vfs, path) as string, path);
      else overwrite(copy, path, readFile(vfs, path) as Uint8Array);
    }
  };
  copyInto(".");
  return copy;
}

export function manifestOf(vfs: Vfs, image: string): Manifest {
  return decodeManifest("manifest.json", readFile(vfs, `${image}/manifest.json`) as Uint8Array);
}

/** Changes what the manifest says, however wrong, and spells it with the right checksum. CRIU's files stay. */
export function forgeManifest(vfs: Vfs, image: string, change: (manifest: Manifest) => Manifest): void {
  overwrite(vfs, `${image}/manifest.json`, encodeManifest(change(manifestOf(vfs, image))));
}

/** Changes the text of a manifest but for its checksum, which is put right. */
export function forgeText(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  return sealed(change(text.slice(0, text.lastIndexOf(',"checksum"'))));
}

/** A manifest's text with its checksum behind. */
export function sealed(body: string): Uint8Array {
  const encoder = new TextEncoder();
  const checksum = crc32c(encoder.encode(body)).toString(16).padStart(8, "0");
  return encoder.encode(`${body},"checksum":"${checksum}"}\n`);
}

/** Writes CRIU's files as the manifest's tree has them, and puts right what the manifest says of sizes and digests. Throws for no tree. */
export function repair(vfs: Vfs, image: string): void {
  const manifest = manifestOf(vfs, image);
  const files = filesIn(vfs, image);
  for (const { name, bytes } of filesOf(manifest.image)) {
    overwrite(vfs, `${image}/${name}`, bytes);
    files.set(name, bytes);
  }
  const checksums = files.get("checksums") ?? new Uint8Array(0);
  const pages = new Map(pageFilesOf(manifest.image, manifest.pages.encoding).map((file) => [file.name, file]));
  const entries = manifest.files.map(({ name }) => {
    const bytes = files.get(name) ?? new Uint8Array(0);
    const page = pages.get(name);
    const digest = page === undefined ? digestOf(bytes) : digestOfPages(page, checksums, bytes.length);
    return { name, byteCount: bytes.length, digest };
  });
  overwrite(vfs, `${image}/manifest.json`, encodeManifest({ ...manifest, files: entries }));
}

/** Cuts a file, or lengthens it with zeros. */
export function lengthen(vfs: Vfs, path: string, byteCount: number): void {
  const file = filpOpen(vfs, path, O_WRONLY, 0);
  if (isFailure(file)) throw new Error(file.errno);
  ftruncate(vfs, file, byteCount);
  filpClose(vfs, file);
}
