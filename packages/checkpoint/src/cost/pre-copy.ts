// Iterative pre-copy: memory is sent while the program runs, then again what it dirtied meanwhile, until the rest is small.

/** How a copy is made. */
export interface PreCopyOptions {
  /** Bytes a second. */
  readonly bandwidth: number;
  /** Seconds that the program may stand still at the end. */
  readonly downtime: number;
  readonly pageBytes: number;
  /** Rounds after which the program is stopped whatever is left. */
  readonly roundLimit: number;
}

/** One round: all that the last one left, sent while the program ran on. */
export interface PreCopyRound {
  readonly pages: number;
  readonly seconds: number;
  /** Pages that the program dirtied meanwhile, each once: what the next round, or the stop, must send. */
  readonly dirtied: number;
}

/**
 * How a copy ended. `converged`: what was left could be sent within the downtime. `stopped`: it could not, when the rounds were
 * used up, and the program stood still as long as it took. `outlived`: the program ended during a round.
 */
export interface PreCopyResult {
  readonly end: "converged" | "stopped" | "outlived";
  /** Those that came to their end. */
  readonly rounds: readonly PreCopyRound[];
  /** Pages sent while the program stood still, and the seconds that took; 0 for `outlived`. */
  readonly lastPages: number;
  readonly downtime: number;
}

/**
 * A copy that begins with `pages` pages at a moment, and is told of each store. With a constant dirty rate r and a bandwidth b it
 * is left with (r/b)^n of its pages after n rounds, so it converges only where r is less than b (Theimer, Lantz, Cheriton,
 * "Preemptable remote execution facilities for the V-system", 1985; Clark et al., "Live migration of virtual machines", 2005).
 */
export class PreCopy {
  readonly #options: PreCopyOptions;
  readonly #rounds: PreCopyRound[] = [];
  #sending: number;
  #roundEnd: number;
  #dirty: Set<number> = new Set();
  #end: "converged" | "stopped" | undefined;

  /** `now`, in seconds of the program, is when round 0 begins. */
  constructor(options: PreCopyOptions, pages: number, now: number) {
    this.#options = options;
    this.#sending = pages;
    this.#roundEnd = now + this.#secondsFor(pages);
  }

  /** The program stored to a page, named by any number. Moments never go back. */
  stored(page: number, now: number): void {
    this.passed(now);
    if (this.#end === undefined) this.#dirty.add(page);
  }

  /** The program came to this moment. */
  passed(now: number): void {
    while (this.#end === undefined && now >= this.#roundEnd) this.#closeRound();
  }

  /** How it stands; `outlived` as long as no end has come. */
  get result(): PreCopyResult {
    const end = this.#end ?? "outlived";
    const lastPages = this.#end === undefined ? 0 : this.#dirty.size;
    return { end, rounds: this.#rounds, lastPages, downtime: this.#secondsFor(lastPages) };
  }

  #closeRound(): void {
    const dirtied = this.#dirty.size;
    this.#rounds.push({ pages: this.#sending, seconds: this.#secondsFor(this.#sending), dirtied });
    if (this.#secondsFor(dirtied) <= this.#options.downtime) this.#end = "converged";
    else if (this.#rounds.length === this.#options.roundLimit) this.#end = "stopped";
    else {
      this.#sending = dirtied;
      this.#roundEnd += this.#secondsFor(dirtied);
      this.#dirty = new Set();
    }
  }

  #secondsFor(pages: number): number {
    return (pages * this.#options.pageBytes) / this.#options.bandwidth;
  }
}
