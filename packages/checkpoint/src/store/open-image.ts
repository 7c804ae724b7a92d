// An image opened: everything that stands there is checked before it is believed.

import { isFailure, readdir, readlink } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";
import { filesOf } from "../criu/tree-files.ts";
import { firstDifference } from "../first-difference.ts";
import type { Codec } from "../image/codec.ts";
import { digestOf } from "../image/digest.ts";
import {
  byteRangeOf,
  checksumBytes,
  checksumsName,
  dataPagesOf,
  digestOfPages,
  pageFilesOf,
  parentName,
} from "../image/image-files.ts";
import { decodeManifest, manifestByteLimit, manifestName } from "../image/manifest.ts";
import type { FileEntry, Manifest, PagesEntry } from "../image/manifest.ts";
import { byteCountOf, expectDirectory, readChecked } from "./checked-file.ts";
import { baseOf, imageName, parseName, pathIn } from "./names.ts";
import { CompressedReader, LineReader, RawReader } from "./page-readers.ts";
import type { PageFileAt, PageReader } from "./page-readers.ts";
import { OpenedImage } from "./stored-image.ts";
import type { StoredImage } from "./stored-image.ts";

/**
 * Opens the image in a directory. Its manifest must be spelt as we would spell it; CRIU's files must be what we would write of the
 * tree that it says; sizes and digests must be right, and nothing else may stand there. The directory's name, if it is one that
 * a store gives, must say the same sequence. Throws `BadImage`.
 */
export function openImage(vfs: Vfs, path: string, codecs: readonly Codec[]): StoredImage {
  expectDirectory(vfs, path);
  const manifestPath = pathIn(path, manifestName);
  const byteCount = byteCountOf(vfs, manifestPath);
  if (byteCount > manifestByteLimit)
    throw new BadImage(manifestPath, manifestByteLimit, `at most ${manifestByteLimit} bytes`, `${byteCount}`);
  const bytes = readChecked(vfs, manifestPath, byteCount);
  const manifest = decodeManifest(manifestPath, bytes);
  checkName(path, manifestPath, manifest);
  checkNames(vfs, path, manifest);
  checkParentLink(vfs, path, manifest);
  const { image, pages, files } = manifest;
  const entries = new EntryList(manifestPath, files);
  for (const file of filesOf(image)) checkContent(vfs, path, entries.next(file.name), file.bytes);

  const pageFiles = pageFilesOf(image, pages.encoding).map((file): PageFileAt & FileEntry => {
    const entry = entries.next(file.name);
    return { ...file, ...entry, path: checkPageFile(vfs, path, entry, byteRangeOf(file, pages.encoding)) };
  });
  const checksums = readChecksums(vfs, path, entries.next(checksumsName), dataPagesOf(image));
  entries.expectEnd();
  for (const file of pageFiles) expectDigest(manifestPath, file, digestOfPages(file, checksums, file.byteCount));
  return new OpenedImage(
    {
      image,
      path,
      digest: digestOf(bytes),
      encoding: pages.encoding,
      pageCount: dataPagesOf(image),
      byteCount: files.reduce((sum, file) => sum + file.byteCount, byteCount),
    },
    { files: pageFiles.map((file) => ({ ...file, reader: readerOf(vfs, file, pages, codecs) })), checksums },
  );
}

/** The files that the manifest names, one after another. */
class EntryList {
  readonly #path: string;
  readonly #entries: readonly FileEntry[];
  #at = 0;

  constructor(path: string, entries: readonly FileEntry[]) {
    this.#path = path;
    this.#entries = entries;
  }

  next(name: string): FileEntry {
    const entry = this.#entries[this.#at++];
    if (entry?.name === name) return entry;
    throw new BadImage(this.#path, 0, `${name} as file ${this.#at}`, entry?.name ?? "the end of the list");
  }

  expectEnd(): void {
    const extra = this.#entries[this.#at];
    if (extra !== undefined) throw new BadImage(this.#path, 0, "the end of the list of files", extra.name);
  }
}

function checkName(path: string, manifestPath: string, { image }: Manifest): void {
  const name = parseName(baseOf(path));
  if (name === undefined || (name.kind === "image" && name.sequence === image.sequence)) return;
  throw new BadImage(manifestPath, 0, `the sequence of ${baseOf(path)}`, `${image.sequence}`);
}

/** Nothing stands there but what the manifest names. */
function checkNames(vfs: Vfs, path: string, { image, files }: Manifest): void {
  const entries = readdir(vfs, path);
  if (isFailure(entries)) throw new BadImage(path, 0, "a directory that can be read", entries.errno);
  const expected = new Set([manifestName, ...files.map(({ name }) => name), ...(image.parent === undefined ? [] : [parentName])]);
  const stray = entries.find(({ name }) => !expected.has(name));
  if (stray !== undefined) throw new BadImage(pathIn(path, stray.name), 0, "nothing of this name", stray.kind);
}

function checkParentLink(vfs: Vfs, path: string, { image: { parent } }: Manifest): void {
  if (parent === undefined) return;
  const link = pathIn(path, parentName);
  const expected = `../${imageName(parent.sequence)}`;
  const found = readlink(vfs, link);
  if (isFailure(found)) throw new BadImage(link, 0, `a symlink to ${expected}`, found.errno);
  if (found !== expected) throw new BadImage(link, 0, `a symlink to ${expected}`, `one to ${found}`);
}

function checkContent(vfs: Vfs, path: string, { name, byteCount, digest }: FileEntry, expected: Uint8Array): void {
  const file = pathIn(path, name);
  const found = readChecked(vfs, file, expected.length);
  const at = firstDifference(found, expected);
  if (at !== -1) throw new BadImage(file, at, `the byte ${expected[at]} of the manifest's tree`, `${found[at]}`);
  if (byteCount !== expected.length)
    throw new BadImage(file, 0, `${byteCount} bytes, as the manifest says`, `${expected.length}`);
  expectDigest(pathIn(path, manifestName), { name, digest }, digestOf(expected));
}

function checkPageFile(vfs: Vfs, path: string, entry: FileEntry, [least, most]: readonly [number, number]): string {
  const file = pathIn(path, entry.name);
  const { byteCount } = entry;
  if (!(byteCount >= least && byteCount <= most)) {
    const range = least === most ? `${least}` : `${least} to ${most}`;
    throw new BadImage(pathIn(path, manifestName), 0, `${range} bytes of ${entry.name}`, `${byteCount}`);
  }
  const found = byteCountOf(vfs, file);
  if (found !== byteCount) throw new BadImage(file, Math.min(found, byteCount), `a file of ${byteCount} bytes`, `${found}`);
  return file;
}

function readChecksums(vfs: Vfs, path: string, entry: FileEntry, pageCount: number): Uint8Array {
  const expected = pageCount * checksumBytes;
  const manifestPath = pathIn(path, manifestName);
  if (entry.byteCount !== expected)
    throw new BadImage(manifestPath, 0, `${expected} bytes of ${checksumsName}`, `${entry.byteCount}`);
  const checksums = readChecked(vfs, pathIn(path, checksumsName), expected);
  expectDigest(manifestPath, entry, digestOf(checksums));
  return checksums;
}

function expectDigest(path: string, { name, digest }: Pick<FileEntry, "name" | "digest">, found: string): void {
  if (found !== digest) throw new BadImage(path, 0, `${name} with the digest ${digest}`, found);
}

function readerOf(vfs: Vfs, file: PageFileAt, { encoding, codec }: PagesEntry, codecs: readonly Codec[]): PageReader {
  if (encoding === "raw") return new RawReader(vfs, file);
  if (encoding === "lines") return new LineReader(vfs, file);
  const known = codecs.find(({ name }) => name === codec);
  if (known !== undefined) return new CompressedReader(vfs, file, known);
  const names = codecs.map(({ name }) => name).join(", ") || "none";
  throw new BadImage(file.path, 0, `pages compressed by a codec at hand (${names})`, `by ${codec}`);
}
