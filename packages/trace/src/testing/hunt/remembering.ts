// An arbitrary that remembers the last value it made, with what fast-check needs to shrink it.

import fc from "fast-check";

/** Generates and shrinks as the arbitrary that it stands around. */
export class Remembering<T> extends fc.Arbitrary<T> {
  readonly #inner: fc.Arbitrary<T>;
  #last: fc.Value<T> | undefined;

  constructor(inner: fc.Arbitrary<T>) {
    super();
    this.#inner = inner;
  }

  /** Throws before anything was made. */
  get last(): fc.Value<T> {
    if (this.#last === undefined) throw new Error("nothing was made yet");
    return this.#last;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<T> {
    return (this.#last = this.#inner.generate(random, biasFactor));
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#inner.canShrinkWithoutContext(value);
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return this.#inner.shrink(value, context);
  }
}
