// What was read and unpacked, kept while there is room: the least recently used goes first.

/** A value, between the one that was used before it and the one after. */
interface Kept {
  readonly number: number;
  readonly value: unknown;
  readonly byteCount: number;
  older: Kept | undefined;
  newer: Kept | undefined;
}

/** Values by number, at most `byteLimit` bytes of them. A value that is being read is read once, whoever asks. */
export class BlockCache {
  readonly #byteLimit: number;
  readonly #kept = new Map<number, Kept>();
  readonly #coming = new Map<number, Promise<unknown>>();
  #oldest: Kept | undefined;
  #newest: Kept | undefined;
  #byteCount = 0;

  constructor(byteLimit: number) {
    this.#byteLimit = byteLimit;
  }

  /** How many bytes are kept. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** The value of that number: kept, or read now. */
  async get<Value>(number: number, read: () => Promise<Value>, byteCountOf: (value: Value) => number): Promise<Value> {
    const kept = this.#kept.get(number);
    if (kept !== undefined) {
      if (kept !== this.#newest) {
        this.#unlink(kept);
        this.#link(kept);
      }
      return kept.value as Value;
    }
    const coming = this.#coming.get(number) as Promise<Value> | undefined;
    if (coming !== undefined) return coming;
    const reading = read();
    this.#coming.set(number, reading);
    try {
      const value = await reading;
      this.#keep(number, value, byteCountOf(value));
      return value;
    } finally {
      this.#coming.delete(number);
    }
  }

  #keep(number: number, value: unknown, byteCount: number): void {
    const kept: Kept = { number, value, byteCount, older: undefined, newer: undefined };
    this.#kept.set(number, kept);
    this.#link(kept);
    this.#byteCount += byteCount;
    for (let oldest = this.#oldest; oldest !== undefined && this.#byteCount > this.#byteLimit; oldest = this.#oldest) {
      this.#unlink(oldest);
      this.#kept.delete(oldest.number);
      this.#byteCount -= oldest.byteCount;
    }
  }

  #link(kept: Kept): void {
    kept.older = this.#newest;
    kept.newer = undefined;
    if (this.#newest === undefined) this.#oldest = kept;
    else this.#newest.newer = kept;
    this.#newest = kept;
  }

  #unlink({ older, newer }: Kept): void {
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
  }
}
