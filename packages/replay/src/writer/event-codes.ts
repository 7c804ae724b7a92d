// Codes for what many events have in common: key, kind, task, processor and page.

import { modes } from "../format/address-mode.ts";
import { codeBytes } from "../format/code-table.ts";

/** The codes of the segment that is being written. A code is found by comparing with the last one of its key. */
export class EventCodes {
  count = 0;
  #key = new Uint32Array(1024);
  #page = new Float64Array(1024);
  /** Kind, mode, processor and task, side by side. */
  #what = new Uint32Array(1024);
  /** The code before this one with the same hash, plus one. */
  #chain = new Uint32Array(1024);
  /** The last code of each hash, plus one. */
  #heads = new Uint32Array(1024);
  /** The last code of each key, plus one. */
  readonly #last: Uint32Array;

  constructor(keyCount: number) {
    this.#last = new Uint32Array(keyCount);
  }

  /** The code for an event; its processor is below 64. */
  codeOf(key: number, kind: number, mode: number, task: number, processor: number, page: number): number {
    const what = (kind | (mode << 8) | (processor << 10) | (task << 16)) >>> 0;
    const last = this.#last[key] - 1;
    if (last >= 0 && this.#what[last] === what && this.#page[last] === page) return last;
    let code = this.#heads[this.#hash(key, what, page)] - 1;
    while (code >= 0 && !(this.#key[code] === key && this.#what[code] === what && this.#page[code] === page)) {
      code = this.#chain[code] - 1;
    }
    if (code < 0) code = this.#add(key, what, page);
    this.#last[key] = code + 1;
    return code;
  }

  /** The key that a code is for. */
  get keys(): Uint32Array {
    return this.#key;
  }

  /** The table of codes. */
  encode(): Uint8Array {
    const { count } = this;
    const bytes = new Uint8Array(count * codeBytes);
    const view = new DataView(bytes.buffer);
    for (let code = 0; code < count; code++) {
      const high = Math.floor(this.#page[code] / 0x1_0000_0000);
      view.setUint32(code * 4, this.#key[code], true);
      view.setUint32((count + code) * 4, this.#page[code] - high * 0x1_0000_0000, true);
      view.setUint32((2 * count + code) * 4, high, true);
      view.setUint16(12 * count + 2 * code, this.#what[code] >>> 16, true);
      bytes[14 * count + code] = this.#what[code];
      bytes[15 * count + code] = (this.#what[code] >>> 8) & 3;
      bytes[16 * count + code] = (this.#what[code] >>> 10) & 63;
    }
    return bytes;
  }

  /** The kind that a code is for. */
  kindOf(code: number): number {
    return this.#what[code] & 0xff;
  }

  /** The virtual pages of accesses, once or several times each. */
  pages(): Float64Array {
    const pages = new Float64Array(this.count);
    let met = 0;
    for (let code = 0; code < this.count; code++) {
      if (((this.#what[code] >>> 8) & 3) === modes.samePlace) pages[met++] = this.#page[code];
    }
    return pages.subarray(0, met);
  }

  /** Forgets all. */
  clear(): void {
    for (let code = 0; code < this.count; code++) this.#last[this.#key[code]] = 0;
    this.#heads.fill(0);
    this.count = 0;
  }

  #hash(key: number, what: number, page: number): number {
    const mixed = Math.imul(key, 0x9e37_79b1) ^ Math.imul(what, 0x85eb_ca6b) ^ Math.imul(page & 0x7fff_ffff, 0xc2b2_ae35);
    return (mixed ^ (mixed >>> 15)) & (this.#heads.length - 1);
  }

  #add(key: number, what: number, page: number): number {
    if (this.count === this.#key.length) this.#grow();
    const code = this.count++;
    this.#key[code] = key;
    this.#what[code] = what;
    this.#page[code] = page;
    this.#link(code);
    return code;
  }

  #link(code: number): void {
    const hash = this.#hash(this.#key[code], this.#what[code], this.#page[code]);
    this.#chain[code] = this.#heads[hash];
    this.#heads[hash] = code + 1;
  }

  #grow(): void {
    const length = this.#key.length * 2;
    this.#key = grown(this.#key, new Uint32Array(length));
    this.#page = grown(this.#page, new Float64Array(length));
    this.#what = grown(this.#what, new Uint32Array(length));
    this.#chain = new Uint32Array(length);
    this.#heads = new Uint32Array(length);
    for (let code = 0; code < this.count; code++) this.#link(code);
  }
}

/** The elements of one array in a longer one. */
export function grown<Elements extends { set(from: Elements): void }>(from: Elements, to: Elements): Elements {
  to.set(from);
  return to;
}
