// When a copy of a frame is due: where the writes since the last one weigh as much as a look is willing to apply.

import { frameBytes } from "@pagelapse/mmu";

/** How often frames are copied. */
export interface CopyRule {
  /** A frame is copied before a write that would make more than so many bytes since it was last whole, a write counted as
   * four at least. 16,384: four frames. */
  readonly weight: number;
  /**
   * What a segment that touches a frame weighs, beside the bytes. 1,024: no more than 16 segments lie between a frame and the copy
   * that a look at it begins with.
   */
  readonly touch: number;
}

/** Most segments that a look at one frame visits, by that rule. */
export const defaultCopyRule: CopyRule = { weight: 4 * frameBytes, touch: 1024 };

/** What has been written to each frame since it was last whole. */
export class FrameCopies {
  readonly #weights: Float64Array;
  readonly #rule: CopyRule;

  /** Frames begin at different weights, so that those which are written alike are not all copied in one segment. */
  constructor(frameCount: number, rule: CopyRule) {
    const scattered = (pfn: number): number => (Math.imul(pfn, 0x9e37_79b1) >>> 0) / 2 ** 32;
    const most = rule.weight === Infinity ? 0 : rule.weight;
    this.#weights = Float64Array.from({ length: frameCount }, (_, pfn) => scattered(pfn) * most);
    this.#rule = rule;
  }

  /** Counts a write that is about to happen, the first to the frame in its segment or not; says whether to copy before it. */
  isDue(pfn: number, byteCount: number, isFirst: boolean): boolean {
    // Applying a byte takes as long as applying four.
    const own = Math.max(4, byteCount);
    const weight = this.#weights[pfn] + own + (isFirst ? this.#rule.touch : 0);
    const isDue = weight > this.#rule.weight;
    this.#weights[pfn] = isDue ? own : weight;
    return isDue;
  }

  /** Nothing of what was written before matters any more. */
  overwrite(pfn: number): void {
    this.#weights[pfn] = 0;
  }
}
