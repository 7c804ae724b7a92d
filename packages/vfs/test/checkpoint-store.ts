// A small checkpoint store, of which each safeguard can be left out: an image is a directory that is made durable, then named.

import {
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_WRONLY,
  filpClose,
  filpOpen,
  isFailure,
  kernelBuffer,
  mkdir,
  readFile,
  readdir,
  rmdir,
  unlink,
  vfsFsync,
  vfsRename,
  vfsWrite,
} from "@pagelapse/vfs";
import type { Failure, OpenFile, Vfs } from "@pagelapse/vfs";
import { bytesOf } from "./notation.ts";

/** What keeps a checkpoint safe; leaving one out is a bug, which some class of faults must show. */
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
  | "a fresh number after a failure"
  | "the parent's digest"
  | "removal after all is durable"
  | "two generations";

/** What a reader found: the memory of an image, and its number. */
export interface Restored {
  readonly number: number;
  readonly memory: string;
}

/** Memory is three pages of so many letters. */
const pageBytes = 16;
const pageCount = 3;

class Refused extends Error {
  readonly errno: string;
  constructor({ errno }: Failure) {
    super(errno);
    this.errno = errno;
  }
}

/** Writes memory, and every image of it, into the root of a file system. `told` hears of each memory that is safe. */
export class Checkpointer {
  readonly #vfs: Vfs;
  readonly #without: ReadonlySet<Safeguard>;
  readonly #told: (memory: string) => void;
  /** All that memory ever was when a checkpoint of it began. */
  readonly begun: string[] = [];
  readonly #pages: string[] = Array.from({ length: pageCount }, () => "0".repeat(pageBytes));
  #dirty = new Set<number>();
  #parent: { readonly number: number; readonly digest: string } | undefined;
  #lastNumber = 0;
  #attempts = 0;

  constructor(vfs: Vfs, without: Iterable<Safeguard>, told: (memory: string) => void) {
    this.#vfs = vfs;
    this.#without = new Set(without);
    this.#told = told;
  }

  /** A store changes its page. */
  store(page: number, letter: string): void {
    this.#pages[page] = letter.repeat(pageBytes);
    this.#dirty.add(page);
  }

  /** Takes a checkpoint; returns why not. A first one is full, whatever is asked. */
  checkpoint(kind: "full" | "increment"): string | undefined {
    const parent = kind === "full" ? undefined : this.#parent;
    const pages = parent === undefined ? [...this.#pages.keys()] : [...this.#dirty].toSorted((a, b) => a - b);
    const aside = this.#dirty;
    this.#dirty = new Set();
    const number = this.#has("a fresh number after a failure") ? ++this.#lastNumber : (this.#parent?.number ?? 0) + 1;
    const memory = this.#pages.join("");
    this.begun.push(memory);
    const content = pages.map((page) => this.#pages[page]).join("");
    const fields = [number, parent?.number ?? 0, parent?.digest ?? 0, pages.join("+"), digest(content)].join(" ");
    const manifest = `${fields} ${digest(fields)}`;
    try {
      this.#commit(`/${number}`, content, manifest);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (this.#has("dirty pages until it is durable")) for (const page of aside) this.#dirty.add(page);
      return error.errno;
    }
    this.#parent = { number, digest: digest(manifest) };
    this.#told(memory);
    if (this.#has("removal after all is durable")) this.#removeOld();
    return undefined;
  }

  #commit(name: string, pages: string, manifest: string): void {
    const inPlace = !this.#has("another name until it is whole");
    const folder = inPlace ? name : `/.tmp-${this.#attempts++}`;
    must(mkdir(this.#vfs, folder, 0o755));
    const files = [
      { path: `${folder}/pages`, text: pages },
      { path: `${folder}/manifest`, text: manifest },
    ];
    if (!this.#has("pages before the manifest")) files.reverse();
    for (const { path, text } of files) this.#write(path, text);
    if (this.#has("fsync of the image directory")) this.#sync(folder, O_RDONLY | O_DIRECTORY);
    if (!inPlace) this.#publish(folder, name);
    if (!this.#has("files before the rename")) for (const { path } of files) this.#sync(path.replace(folder, name), O_WRONLY);
    if (!this.#has("removal after all is durable")) this.#removeOld();
    if (this.#has("fsync of the store")) this.#sync("/", O_RDONLY | O_DIRECTORY);
  }

  #publish(folder: string, name: string): void {
    const failed = vfsRename(this.#vfs, folder, name);
    // Who uses a number again takes what has the name for their own.
    if (failed?.errno === "ENOTEMPTY" && !this.#has("a fresh number after a failure")) return;
    must(failed);
  }

  #write(path: string, text: string): void {
    const bytes = bytesOf(text);
    this.#with(path, O_CREAT | O_EXCL | O_WRONLY, (file) => {
      for (let done = 0; done < bytes.length;) {
        const count = must(vfsWrite(this.#vfs, file, kernelBuffer(bytes.subarray(done))));
        if (count === 0) throw new Refused({ errno: "EIO" });
        done += count;
      }
      if (this.#has("fsync of files") && this.#has("files before the rename")) this.#fsync(file);
    });
  }

  #sync(path: string, flags: number): void {
    this.#with(path, flags, (file) => this.#fsync(file));
  }

  #fsync(file: OpenFile): void {
    const failed = vfsFsync(this.#vfs, file);
    must(failed === undefined || this.#has("no second fsync after an error") ? failed : vfsFsync(this.#vfs, file));
  }

  #with(path: string, flags: number, act: (file: OpenFile) => void): void {
    const file = must(filpOpen(this.#vfs, path, flags, 0o644));
    let closed: Failure | undefined;
    try {
      act(file);
    } finally {
      closed = filpClose(this.#vfs, file);
    }
    must(closed);
  }

  /** Removes what is older than the generations to keep: renamed away first, then taken apart. Errors leave rubbish. */
  #removeOld(): void {
    const images = imagesIn(this.#vfs);
    const full = images.filter((image) => load(this.#vfs, image, new Set())?.parent === 0);
    const oldest = full.at(this.#has("two generations") ? -2 : -1) ?? 0;
    for (const image of images.filter((number) => number < oldest).toReversed()) {
      if (vfsRename(this.#vfs, `/${image}`, `/.old-${image}`) !== undefined) continue;
      for (const file of ["manifest", "pages"]) unlink(this.#vfs, `/.old-${image}/${file}`);
      rmdir(this.#vfs, `/.old-${image}`);
    }
  }

  #has(safeguard: Safeguard): boolean {
    return !this.#without.has(safeguard);
  }
}

/** The memory of the newest image that is whole, with all its parents; nothing if there is none. */
export function restore(vfs: Vfs, without: ReadonlySet<Safeguard>): Restored | undefined {
  for (const number of imagesIn(vfs).toReversed()) {
    const memory = rebuild(vfs, number, without);
    if (memory !== undefined) return { number, memory: memory.join("") };
    if (without.has("an older image if the newest is damaged")) return undefined;
  }
  return undefined;
}

/** Files of the store that a disk might damage. */
export function filesIn(vfs: Vfs): readonly string[] {
  return imagesIn(vfs).flatMap((number) => [`/${number}/manifest`, `/${number}/pages`]);
}

interface Loaded {
  readonly parent: number;
  readonly parentDigest: string;
  readonly digest: string;
  readonly pages: ReadonlyMap<number, string>;
}

function imagesIn(vfs: Vfs): readonly number[] {
  const entries = readdir(vfs, "/");
  const names = isFailure(entries) ? [] : entries.map(({ name }) => name);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

function rebuild(vfs: Vfs, number: number, without: ReadonlySet<Safeguard>): readonly string[] | undefined {
  const image = load(vfs, number, without);
  if (image === undefined) return undefined;
  if (image.parent === 0) return image.pages.size === pageCount ? [...image.pages.values()] : undefined;
  const parent = image.parent < number ? load(vfs, image.parent, without) : undefined;
  if (parent === undefined) return undefined;
  if (!without.has("the parent's digest") && parent.digest !== image.parentDigest) return undefined;
  return rebuild(vfs, image.parent, without)?.map((page, index) => image.pages.get(index) ?? page);
}

function load(vfs: Vfs, number: number, without: ReadonlySet<Safeguard>): Loaded | undefined {
  const [manifest, bytes] = ["manifest", "pages"].map((file) => readFile(vfs, `/${number}/${file}`));
  if (isFailure(manifest) || isFailure(bytes)) return undefined;
  const [text, content] = [textOf(manifest), textOf(bytes)];
  const fields = text.split(" ");
  const [own, parent, parentDigest, pages, pagesDigest, self] = fields;
  const indexes = pages === undefined || pages === "" ? [] : pages.split("+").map(Number);
  const plain = fields.length === 6 && Number(own) === number && content.length === indexes.length * pageBytes;
  if (!plain || indexes.some((index) => !(index >= 0 && index < pageCount))) return undefined;
  const whole = digest(fields.slice(0, 5).join(" ")) === self && digest(content) === pagesDigest;
  if (!whole && !without.has("checksums")) return undefined;
  return {
    parent: Number(parent),
    parentDigest,
    digest: digest(text),
    pages: new Map(indexes.map((page, at) => [page, content.slice(at * pageBytes, (at + 1) * pageBytes)])),
  };
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** FNV-1a: enough against accidents. */
function digest(text: string): string {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return (hash >>> 0).toString(36);
}

function must<Result>(result: Result | Failure): Result {
  if (isFailure(result)) throw new Refused(result);
  return result;
}
