// Distinct pages dirtied in an interval, for a whole series of intervals at once.

/** What intervals of one length come to. */
export interface DirtyPoint {
  /** Length of an interval. */
  readonly interval: number;
  /** How many whole ones there were. */
  readonly count: number;
  /** Distinct pages dirtied in all of them, each page once an interval. */
  readonly pages: number;
}

/**
 * Counts for intervals of `base`, 2 `base`, 4 `base` and so on, all beginning at 0, in a few steps a store, however many lengths
 * there are. A store to a page counts once more for a length unless the page's last store lies in the same interval of that length.
 * Number the shortest intervals: two of them lie in the same interval of 2^k times the length if their numbers agree but for the
 * last k bits. So the highest bit in which they differ tells for which lengths the store counts: those it is above.
 */
export class DirtyCurve {
  readonly #base: number;
  /** Number of the shortest interval in which each page was last stored to. */
  readonly #lastStore: Map<number, number> = new Map();
  /** How often the highest differing bit was each. */
  readonly #differences: Float64Array = new Float64Array(32);
  #lastPage = -1;
  #now = 0;

  /** `base`, above 0: the shortest interval, in whatever stores are counted or timed in. Up to 2^32 of it are told apart. */
  constructor(base: number) {
    this.#base = base;
  }

  /** A store to a page, named by any number from 0 on. `time` never goes back. */
  stored(page: number, time: number): void {
    const now = Math.floor(time / this.#base);
    if (page === this.#lastPage && now === this.#now) return;
    this.#lastPage = page;
    this.#now = now;
    const before = this.#lastStore.get(page);
    if (before === now) return;
    this.#lastStore.set(page, now);
    if (before !== undefined) this.#differences[31 - Math.clz32(before ^ now)] += 1;
  }

  /** The points up to a time: of every length of which a whole interval has passed. Stores after the last whole one are left out. */
  points(time: number): readonly DirtyPoint[] {
    const passed = Math.floor(time / this.#base);
    const points: DirtyPoint[] = [];
    for (let k = 0; 2 ** k <= passed; k++) {
      const count = Math.floor(passed / 2 ** k);
      const begun = this.#lastStore.size + this.#differences.subarray(k).reduce((sum, each) => sum + each, 0);
      points.push({ interval: this.#base * 2 ** k, count, pages: begun - this.#pagesSince(count * 2 ** k) });
    }
    return points;
  }

  /** Pages of the interval that has begun and not passed. */
  #pagesSince(number: number): number {
    let pages = 0;
    for (const last of this.#lastStore.values()) if (last >= number) pages += 1;
    return pages;
  }
}
