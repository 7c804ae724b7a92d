// Work in steps short enough that Ctrl-C is heard and a progress bar moves, whatever a step turns out to cost.

import { setImmediate } from "node:timers/promises";

/** A step is to take about as long, in milliseconds. */
const soon = { least: 15, most: 60 };
const limits = { least: 64, most: 2 ** 20 };

/** Says how many bytes the next step may take. */
export class Pace {
  #stepBytes = 2 ** 14;
  #begun = performance.now();

  get stepBytes(): number {
    return this.#stepBytes;
  }

  /** Between two steps: lets signals in, and learns from the time since the last call. */
  async breathe(): Promise<void> {
    const elapsed = performance.now() - this.#begun;
    if (elapsed < soon.least) this.#stepBytes = Math.min(limits.most, this.#stepBytes * 2);
    if (elapsed > soon.most) this.#stepBytes = Math.max(limits.least, this.#stepBytes / 2);
    await setImmediate();
    this.#begun = performance.now();
  }
}
