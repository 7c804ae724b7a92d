// The bytes of mapped files: what a trace embeds, kept page by page; of other files only the name is known.

import type { MappedFiles } from "@pagelapse/checkpoint";
import { catalogue } from "@pagelapse/events";
import type { EventBatch, FilePlace } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";

const PROVIDED = catalogue["file-provided"].code;
const WRITTEN_BACK = catalogue["file-written-back"].code;

/**
 * Files that the machine was given, by label. A file whose label it was never given has unknown bytes: they are derived
 * from its label and the offset, the same on every run. Reading never opens anything.
 */
export class ProvidedFiles implements MappedFiles {
  readonly #pages: Map<string, Map<number, Uint8Array>> = new Map();
  /** Pages that programs wrote, of files that were never given: those are known from then on, and nothing else of the file. */
  readonly #written: Map<string, Map<number, Uint8Array>> = new Map();

  /** Writes bytes into a file, which begins to exist if need be; what lies between two writes is zero. */
  provide(file: string, offset: number, bytes: Uint8Array): void {
    let pages = this.#pages.get(file);
    if (pages === undefined) this.#pages.set(file, (pages = new Map()));
    for (let done = 0; done < bytes.length;) {
      const inPage = (offset + done) & (frameBytes - 1);
      const index = (offset + done - inPage) / frameBytes;
      const count = Math.min(bytes.length - done, frameBytes - inPage);
      let page = pages.get(index);
      if (page === undefined) pages.set(index, (page = new Uint8Array(frameBytes)));
      page.set(bytes.subarray(done, done + count), inPage);
      done += count;
    }
  }

  /** Takes a page back that a program stored to; `offset` is a multiple of 4096. */
  writeBack(file: string, offset: number, page: Uint8Array): void {
    if (this.#pages.has(file)) return this.provide(file, offset, page);
    let pages = this.#written.get(file);
    if (pages === undefined) this.#written.set(file, (pages = new Map()));
    pages.set(offset / frameBytes, page.slice());
  }

  /** Takes in the event of that row, if it is a fact about a file. */
  add(batch: EventBatch, row: number): void {
    const kind = batch.kind[row];
    if (kind !== PROVIDED && kind !== WRITTEN_BACK) return;
    const { file, offset } = batch.details.get(row) as FilePlace;
    if (kind === PROVIDED) this.provide(file, offset, batch.bytes(row));
    else this.writeBack(file, offset, batch.bytes(row));
  }

  read(file: string, offset: number, target: Uint8Array): "known" | "unknown" {
    const pages = this.#pages.get(file);
    if (pages === undefined) {
      const inPage = offset & (frameBytes - 1);
      const written = this.#written.get(file)?.get((offset - inPage) / frameBytes);
      if (written !== undefined) {
        target.set(written.subarray(inPage, inPage + target.length));
        return "known";
      }
      derive(file, offset, target);
      return "unknown";
    }
    for (let done = 0; done < target.length;) {
      const inPage = (offset + done) & (frameBytes - 1);
      const count = Math.min(target.length - done, frameBytes - inPage);
      const page = pages.get((offset + done - inPage) / frameBytes);
      const part = target.subarray(done, done + count);
      if (page === undefined) part.fill(0);
      else part.set(page.subarray(inPage, inPage + count));
      done += count;
    }
    return "known";
  }
}

/** Bytes for a file that nobody has: a mixed count, begun from the file's name (FNV-1a) and the place in it (xorshift). */
function derive(file: string, offset: number, target: Uint8Array): void {
  let seed = 0x811c_9dc5;
  for (let i = 0; i < file.length; i++) seed = Math.imul(seed ^ file.charCodeAt(i), 0x0100_0193);
  for (let i = 0; i < target.length; i++) {
    let value = (seed ^ Math.imul((offset + i) & 0xffff_ffff, 0x9e37_79b1)) >>> 0;
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
    target[i] = value;
  }
}
