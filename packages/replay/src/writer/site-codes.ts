// Codes for the addresses of instructions: a program has a few thousand that store.

import { grown } from "./event-codes.ts";

/** The sites of the segment that is being written, in the order in which they were met. */
export class SiteCodes {
  count = 0;
  #sites = new Float64Array(1024);
  /** Code plus one, by hash. */
  #slots = new Uint32Array(4096);
  #lastSite = NaN;
  #lastCode = 0;

  /** Puts the codes for the sites of places [from, to) into `target`, from `at` on. */
  codesOf(sites: Float64Array, from: number, to: number, target: Uint32Array, at: number): void {
    let lastSite = this.#lastSite;
    let code = this.#lastCode;
    for (let i = from; i < to; i++) {
      if (sites[i] !== lastSite) {
        lastSite = sites[i];
        code = this.#codeOf(lastSite);
      }
      target[at + i - from] = code;
    }
    this.#lastSite = lastSite;
    this.#lastCode = code;
  }

  /** The table of sites: the low halves of all as u32, then the high ones. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(this.count * 8);
    const view = new DataView(bytes.buffer);
    for (let code = 0; code < this.count; code++) {
      const high = Math.floor(this.#sites[code] / 0x1_0000_0000);
      view.setUint32(code * 4, this.#sites[code] - high * 0x1_0000_0000, true);
      view.setUint32((this.count + code) * 4, high, true);
    }
    return bytes;
  }

  /** Forgets all. */
  clear(): void {
    this.count = 0;
    this.#slots.fill(0);
    this.#lastSite = NaN;
  }

  #codeOf(site: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(site & 0x7fff_ffff, 0x9e37_79b1) >>> 8) & mask;
    for (;;) {
      const code = this.#slots[slot] - 1;
      if (code < 0) break;
      if (this.#sites[code] === site) return code;
      slot = (slot + 1) & mask;
    }
    const code = this.count++;
    if (code === this.#sites.length) this.#sites = grown(this.#sites, new Float64Array(code * 2));
    this.#sites[code] = site;
    this.#slots[slot] = code + 1;
    if (this.count * 4 > this.#slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    const mask = this.#slots.length * 2 - 1;
    this.#slots = new Uint32Array(mask + 1);
    for (let code = 0; code < this.count; code++) {
      let slot = (Math.imul(this.#sites[code] & 0x7fff_ffff, 0x9e37_79b1) >>> 8) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = code + 1;
    }
  }
}
