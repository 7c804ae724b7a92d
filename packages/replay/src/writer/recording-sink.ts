// Where a recording is written.

/** Takes the bytes of a recording, in order; they are lent until `append` returns. */
export interface RecordingSink {
  append(bytes: Uint8Array): void;
}

/** A recording in memory. */
export class MemorySink implements RecordingSink {
  readonly #parts: Uint8Array[] = [];

  append(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }

  /** All that was appended. */
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
