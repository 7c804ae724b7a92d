// The translation lookaside buffer: what a processor remembers of page tables, W and D among it.

import type { EntryBits } from "./architecture.ts";

/** Equal to no page number, the one of the highest address (-1, from its halves) among them. */
const empty = NaN;

/**
 * A set-associative TLB of `sets` times `ways` slots; 0 sets remember nothing. `sets` is a power of two.
 *
 * A slot whose `writeTag` holds the page has both W and D cached: a store through it touches no table. So an entry
 * whose D was cleared in memory, and not here, is not set dirty again (Intel SDM volume 3, 4.8 and 4.10.2).
 * Slots of a set are replaced in turn. Every slot holds a page of 4 KiB, which may be a part of a large one.
 */
export class Tlb {
  readonly sets: number;
  readonly ways: number;
  readonly #setMask: number;
  /** W and D, as the architecture has them in an entry's low bits. */
  readonly #writableBits: number;
  /** Page number (vaddr / 4096) cached in each slot, or `empty`; the same again where W and D are cached. */
  readonly #readTag: Float64Array;
  readonly #writeTag: Float64Array;
  readonly #frame: Int32Array;
  /** The low bits of the entry as they were cached. */
  readonly #bits: Uint16Array;
  /** The way of each set that is replaced next. */
  readonly #next: Uint8Array;

  /** Throws a `RangeError` unless `sets` is 0 or a power of two up to 2^16, and `ways` 1 to 16. */
  constructor(sets: number, ways: number, bits: EntryBits) {
    const powerOfTwo = Number.isInteger(sets) && sets >= 0 && sets <= 2 ** 16 && (sets & (sets - 1)) === 0;
    if (!powerOfTwo) throw new RangeError(`a TLB of ${sets} sets: expected 0 or a power of two up to 65536`);
    if (!(Number.isInteger(ways) && ways >= 1 && ways <= 16)) throw new RangeError(`a TLB of ${ways} ways: expected 1 to 16`);
    this.sets = sets;
    this.ways = ways;
    this.#setMask = sets - 1;
    this.#writableBits = bits.write | bits.dirty;
    this.#readTag = new Float64Array(sets * ways).fill(empty);
    this.#writeTag = new Float64Array(sets * ways).fill(empty);
    this.#frame = new Int32Array(sets * ways);
    this.#bits = new Uint16Array(sets * ways);
    this.#next = new Uint8Array(sets);
  }

  /** Frame of a page that may be stored to without touching a table, or -1. */
  writable(vpn: number): number {
    if (this.sets === 0) return -1;
    const ways = this.ways;
    const first = (vpn & this.#setMask) * ways;
    const tags = this.#writeTag;
    for (let slot = first; slot < first + ways; slot++) if (tags[slot] === vpn) return this.#frame[slot];
    return -1;
  }

  /** Frame of a page that is cached at all, or -1. */
  readable(vpn: number): number {
    const slot = this.#slotOf(vpn);
    return slot === -1 ? -1 : this.#frame[slot];
  }

  /**
   * Caches a translation, in the slot that has the page already or else in the next of its set. `bits` are the low bits
   * of the entry, those below the frame number. Returns the slot, -1 when the TLB has none.
   */
  fill(vpn: number, frame: number, bits: number): number {
    if (this.sets === 0) return -1;
    const set = vpn & this.#setMask;
    let slot = this.#slotOf(vpn);
    if (slot === -1) {
      const way = this.#next[set];
      slot = set * this.ways + way;
      this.#next[set] = way + 1 === this.ways ? 0 : way + 1;
    }
    this.#put(slot, vpn, frame, bits);
    return slot;
  }

  /** Forgets one page of 4 KiB. */
  flushPage(vpn: number): void {
    const slot = this.#slotOf(vpn);
    if (slot === -1) return;
    this.#readTag[slot] = empty;
    this.#writeTag[slot] = empty;
  }

  /**
   * Forgets every page of [vpn, vpn + pageCount). A large page is forgotten whole, as INVLPG of any address in it does
   * (Intel SDM volume 3, 4.10.4.1): who flushes one gives its size.
   */
  flushPages(vpn: number, pageCount: number): void {
    if (pageCount < this.#readTag.length) {
      for (let page = vpn; page < vpn + pageCount; page++) this.flushPage(page);
      return;
    }
    for (const tag of this.#readTag) if (tag >= vpn && tag < vpn + pageCount) this.flushPage(tag);
  }

  /** Forgets everything. */
  flush(): void {
    this.#readTag.fill(empty);
    this.#writeTag.fill(empty);
  }

  /** What is cached, slot by slot, empty ones left out: for people and tests. */
  contents(): readonly TlbSlot[] {
    const slots: TlbSlot[] = [];
    this.#readTag.forEach((vpn, slot) => {
      if (!Number.isNaN(vpn))
        slots.push({ slot, vpn, frame: this.#frame[slot], bits: this.#bits[slot], writable: this.#writeTag[slot] === vpn });
    });
    return slots;
  }

  /** Everything that decides what it will do, as plain JSON. */
  snapshot(): TlbSnapshot {
    return {
      slots: this.contents().map(({ slot, vpn, frame, bits }) => [slot, vpn, frame, bits]),
      next: [...this.#next],
    };
  }

  /** Becomes what a TLB of the same shape was. */
  restore({ slots, next }: TlbSnapshot): void {
    this.flush();
    this.#next.set(next);
    for (const [slot, vpn, frame, bits] of slots) this.#put(slot, vpn, frame, bits);
  }

  #put(slot: number, vpn: number, frame: number, bits: number): void {
    this.#readTag[slot] = vpn;
    this.#writeTag[slot] = (bits & this.#writableBits) === this.#writableBits ? vpn : empty;
    this.#frame[slot] = frame;
    this.#bits[slot] = bits;
  }

  #slotOf(vpn: number): number {
    if (this.sets === 0) return -1;
    const first = (vpn & this.#setMask) * this.ways;
    for (let slot = first; slot < first + this.ways; slot++) if (this.#readTag[slot] === vpn) return slot;
    return -1;
  }
}

/** One slot of a TLB; `bits` are the low bits of the entry when it was cached, `writable` says that W and D were. */
export interface TlbSlot {
  readonly slot: number;
  readonly vpn: number;
  readonly frame: number;
  readonly bits: number;
  readonly writable: boolean;
}

/** All of a TLB: its slots that hold a page, and the way of each set that is replaced next. */
export interface TlbSnapshot {
  readonly slots: readonly (readonly [slot: number, vpn: number, frame: number, bits: number])[];
  readonly next: readonly number[];
}
