// Files of an image read: regular ones, of the size that they are said to have, and never more.

import {
  O_NOFOLLOW,
  O_RDONLY,
  filpClose,
  filpOpen,
  isFailure,
  kernelBuffer,
  lstat,
  pread,
  withKernelLimit,
} from "@pagelapse/vfs";
import type { Attributes, Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";

/** Bytes of a regular file. Throws `BadImage`. */
export function byteCountOf(vfs: Vfs, path: string): number {
  const { kind, size } = attributesOf(vfs, path);
  if (kind !== "file") throw new BadImage(path, 0, "a file", kind);
  return size;
}

/** Throws `BadImage` unless the path names a directory itself, and not by a symlink. */
export function expectDirectory(vfs: Vfs, path: string): void {
  const { kind } = attributesOf(vfs, path);
  if (kind !== "directory") throw new BadImage(path, 0, "a directory", kind);
}

/** All bytes of a file that must have so many. Throws `BadImage`. */
export function readChecked(vfs: Vfs, path: string, byteCount: number): Uint8Array {
  const found = byteCountOf(vfs, path);
  if (found !== byteCount) throw new BadImage(path, Math.min(found, byteCount), `a file of ${byteCount} bytes`, `${found}`);
  const bytes = new Uint8Array(byteCount);
  readAt(vfs, path, 0, bytes);
  return bytes;
}

/** Fills `target` with the bytes from a position on. Throws `BadImage` where there are fewer. */
export function readAt(vfs: Vfs, path: string, position: number, target: Uint8Array): void {
  if (target.length === 0) return;
  const file = filpOpen(vfs, path, O_RDONLY | O_NOFOLLOW, 0);
  if (isFailure(file)) throw new BadImage(path, position, "a file that opens", file.errno);
  const read = withKernelLimit(vfs, () => {
    for (let done = 0; done < target.length;) {
      const count = pread(vfs, file, kernelBuffer(target.subarray(done)), position + done);
      if (isFailure(count)) return { done, found: count.errno };
      if (count === 0) return { done, found: "the end" };
      done += count;
    }
    return undefined;
  });
  const closed = filpClose(vfs, file);
  if (read !== undefined) throw new BadImage(path, position + read.done, `${target.length - read.done} bytes more`, read.found);
  if (closed !== undefined) throw new BadImage(path, position, "a file that closes", closed.errno);
}

function attributesOf(vfs: Vfs, path: string): Attributes {
  const attributes = lstat(vfs, path);
  if (isFailure(attributes)) throw new BadImage(path, 0, "a file or directory", attributes.errno);
  return attributes;
}

/** How much is read at once by who reads a file from its beginning to its end. */
const windowBytes: number = 2 ** 18;

/** Reads a file here and there; ahead, where one read goes on where the last one ended. */
export class FileWindow {
  readonly #vfs: Vfs;
  readonly #path: string;
  readonly #byteCount: number;
  #window: Uint8Array = new Uint8Array(0);
  /** Where the bytes in the window begin, and where they end. */
  #start = 0;
  #end = 0;
  #next = 0;

  constructor(vfs: Vfs, path: string, byteCount: number) {
    this.#vfs = vfs;
    this.#path = path;
    this.#byteCount = byteCount;
  }

  /** Fills `target` with the bytes from a position on, all of which the file has. Throws `BadImage` where it has not, any more. */
  read(position: number, target: Uint8Array): void {
    const end = position + target.length;
    if (position < this.#start || end > this.#end) {
      if (position !== this.#next || target.length >= windowBytes) {
        readAt(this.#vfs, this.#path, position, target);
        this.#next = end;
        return;
      }
      this.#fill(position);
    }
    target.set(this.#window.subarray(position - this.#start, end - this.#start));
    this.#next = end;
    if (end === this.#byteCount) this.#forget();
  }

  /** At the end of the file: many files may be open, and few are read at once. */
  #forget(): void {
    this.#window = new Uint8Array(0);
    this.#start = this.#end = 0;
  }

  #fill(position: number): void {
    if (this.#window.length === 0) this.#window = new Uint8Array(Math.min(windowBytes, this.#byteCount));
    const end = Math.min(position + this.#window.length, this.#byteCount);
    this.#end = this.#start = position;
    readAt(this.#vfs, this.#path, position, this.#window.subarray(0, end - position));
    this.#end = end;
  }
}
