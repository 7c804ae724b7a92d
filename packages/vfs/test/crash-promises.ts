// What fsync promised so far, kept naively: which names and bytes no crash may lose, and which bytes were ever written where.

import { isFailure, lstat, readFile, readdir } from "@pagelapse/vfs";
import type { FileSystem, InodeNumber, Vfs } from "@pagelapse/vfs";
import { quietVfs } from "./crash-world.ts";

/** A letter that one step wrote. */
interface Letter {
  readonly inode: InodeNumber;
  readonly start: number;
  readonly end: number;
}

/** Told of every step before and after it. A step that touches a thing ends what was promised of it. */
export class Promises {
  readonly #vfs: Vfs;
  readonly #names: readonly string[];
  /** Content of files as synced and not touched since. */
  readonly #content: Map<InodeNumber, Uint8Array> = new Map();
  /** What a name leads to, as synced and not touched since. */
  readonly #entries: Map<string, InodeNumber | undefined> = new Map();
  /** Files of which a write-back failed: nothing is promised of their bytes any more. */
  readonly #failed: Set<InodeNumber> = new Set();
  readonly #letters: Map<number, Letter> = new Map();

  /** `names` are those that may appear in any directory. */
  constructor(live: FileSystem, names: readonly string[]) {
    this.#vfs = quietVfs(live);
    this.#names = names;
  }

  /** How much is promised. */
  get count(): number {
    return this.#content.size + this.#entries.size;
  }

  before(step: string): void {
    const [verb, path, ...words] = step.split(" ");
    if (verb === "fsync") return;
    const inode = this.#inodeAt(path);
    if (inode !== undefined && verb === "fail") this.#failed.add(inode);
    if (inode !== undefined && ["append", "write", "cut", "fail"].includes(verb)) this.#content.delete(inode);
    else this.#touch(path);
    if (["rename", "link"].includes(verb)) this.#touch(words[0]);
  }

  after(step: string): void {
    const [verb, path, text, at] = step.split(" ");
    const inode = this.#inodeAt(path);
    if (inode === undefined) return;
    if (verb === "append" || verb === "write") {
      const [letter, count] = text.split("*");
      const size = this.#sizeAt(path);
      const start = verb === "append" ? size - Number(count) : Number(at);
      this.#letters.set(letter.charCodeAt(0), { inode, start, end: start + Number(count) });
    } else if (verb === "fsync") {
      this.#synced(path, inode);
    }
  }

  /** A promise that a recovered file system breaks. */
  lost(recovered: FileSystem): string | undefined {
    return this.#lostIn(quietVfs(recovered), "");
  }

  /** A byte of a recovered file system that no step wrote to that file at that place. */
  strayByte(recovered: FileSystem, garbage: "allowed" | "refused"): string | undefined {
    return this.#strayIn(quietVfs(recovered), "", garbage);
  }

  #synced(path: string, inode: InodeNumber): void {
    const bytes = readFile(this.#vfs, path);
    if (!isFailure(bytes)) {
      if (!this.#failed.has(inode)) this.#content.set(inode, bytes);
      return;
    }
    for (const name of [...this.#names, "d", "e"])
      this.#entries.set(`${inode}/${name}`, this.#inodeAt(`${path === "/" ? "" : path}/${name}`));
  }

  #lostIn(vfs: Vfs, directory: string): string | undefined {
    const inode = this.#inodeAt(directory === "" ? "/" : directory);
    for (const name of [...this.#names, "d", "e"]) {
      const key = `${inode}/${name}`;
      if (!this.#entries.has(key)) continue;
      const path = `${directory}/${name}`;
      const promised = this.#entries.get(key);
      const found = lstat(vfs, path);
      if ((promised === undefined) !== isFailure(found)) return `${path} is ${isFailure(found) ? "gone" : "there"}`;
      const content = promised === undefined ? undefined : this.#content.get(promised);
      const bytes = content === undefined ? undefined : readFile(vfs, path);
      if (content !== undefined && (bytes === undefined || isFailure(bytes) || bytes.join() !== content.join()))
        return `${path} has other bytes`;
      const below =
        promised !== undefined && !isFailure(found) && found.kind === "directory" ? this.#lostIn(vfs, path) : undefined;
      if (below !== undefined) return below;
    }
    return undefined;
  }

  #strayIn(vfs: Vfs, directory: string, garbage: "allowed" | "refused"): string | undefined {
    const entries = readdir(vfs, `${directory}/`);
    for (const { name, kind } of isFailure(entries) ? [] : entries) {
      const path = `${directory}/${name}`;
      const stray = kind === "directory" ? this.#strayIn(vfs, path, garbage) : this.#strayInFile(vfs, path, garbage);
      if (stray !== undefined) return stray;
    }
    return undefined;
  }

  #strayInFile(vfs: Vfs, path: string, garbage: "allowed" | "refused"): string | undefined {
    const bytes = readFile(vfs, path);
    const owners = new Set<InodeNumber>();
    for (const [at, byte] of isFailure(bytes) ? [] : bytes.entries()) {
      if (byte === 0 || (garbage === "allowed" && byte === 0xdb)) continue;
      const letter = this.#letters.get(byte);
      if (letter === undefined || at < letter.start || at >= letter.end) return `${path} has ${byte} at ${at}`;
      owners.add(letter.inode);
    }
    return owners.size > 1 ? `${path} is of two files` : undefined;
  }

  #touch(path: string): void {
    const end = path.lastIndexOf("/");
    const directory = this.#inodeAt(path.slice(0, end) || "/");
    this.#entries.delete(`${directory}/${path.slice(end + 1)}`);
  }

  #inodeAt(path: string): InodeNumber | undefined {
    const found = lstat(this.#vfs, path);
    return isFailure(found) ? undefined : found.inode;
  }

  #sizeAt(path: string): number {
    const found = lstat(this.#vfs, path);
    return isFailure(found) ? 0 : found.size;
  }
}
