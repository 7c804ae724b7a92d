// What was read and unpacked, kept while there is room: the least recently used goes first.

/** Something that takes so many bytes. */
interface Kept {
  readonly value: unknown;
  readonly byteCount: number;
}

/** Values by number, at most `byteLimit` bytes of them. A value that is being read is read once, whoever asks. */
export class BlockCache {
  readonly #byteLimit: number;
  readonly #kept = new Map<number, Kept>();
  readonly #coming = new Map<number, Promise<unknown>>();
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
      this.#kept.delete(number);
      this.#kept.set(number, kept);
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
    this.#kept.set(number, { value, byteCount });
    this.#byteCount += byteCount;
    for (const [oldest, { byteCount: freed }] of this.#kept) {
      if (this.#byteCount <= this.#byteLimit) return;
      this.#kept.delete(oldest);
      this.#byteCount -= freed;
    }
  }
}
