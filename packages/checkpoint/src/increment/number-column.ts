// A column of numbers that are added one by one.

/** Numbers in memory that doubles when it is full: a list of them grows by copies that the collector has to clear away. */
export class NumberColumn {
  #numbers = new Float64Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#length++] = value;
  }

  /** All so far, as they lie there. */
  get numbers(): Float64Array {
    return this.#numbers.subarray(0, this.#length);
  }
}
