// The oracle: a machine's memory beside the contents with which a recorded stream ends.

import { peekPage } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";
import { areasIn } from "@pagelapse/vma";

/** What the comparison has found so far. */
export interface FinalResult {
  /** Pages whose contents the stream gives, in whole or in part. */
  readonly pages: number;
  readonly wrongBytes: number;
  readonly firstWrong: { readonly vaddr: number; readonly expected: number; readonly found: number } | undefined;
  /** Bytes that the machine cannot know, as no trace gave them: not compared. */
  readonly unknownBytes: number;
  /** Pages that the program had mapped and the machine has not. Their bytes are compared as zeros. */
  readonly missingPages: number;
  /** Pages that the machine has mapped at the end and the program had not; 0 until then, and without FINAL records. */
  readonly extraPages: number;
}

/** Takes in the FINAL mappings one by one, and the bytes of each as they come. */
export class FinalCheck implements FinalResult {
  pages = 0;
  wrongBytes = 0;
  firstWrong: FinalResult["firstWrong"] = undefined;
  unknownBytes = 0;
  missingPages = 0;
  extraPages = 0;
  readonly #view: ProcessView;
  readonly #page: Uint8Array = new Uint8Array(frameBytes);
  readonly #pageWords: Uint32Array = new Uint32Array(this.#page.buffer);
  #lastPage = -1;
  #mappings = 0;
  #coveredPages = 0;

  constructor(view: ProcessView) {
    this.#view = view;
  }

  /** The program had [start, end) mapped; whole pages. */
  mapping(start: number, end: number): void {
    const found = areasIn(this.#view.space.areas, start, end).reduce(
      (sum, area) => sum + Math.min(area.end, end) - Math.max(area.start, start),
      0,
    );
    this.#mappings += 1;
    this.#coveredPages += found / frameBytes;
    this.missingPages += (end - start - found) / frameBytes;
  }

  /** The program had these bytes there; they lie in one page. */
  bytes(vaddr: number, expected: Uint8Array): void {
    const inPage = vaddr & (frameBytes - 1);
    const page = vaddr - inPage;
    if (page !== this.#lastPage) this.pages += 1;
    this.#lastPage = page;
    const knowledge = peekPage(this.#view, page, this.#page);
    if (knowledge === "unknown") this.unknownBytes += expected.length;
    else {
      if (knowledge === "unmapped") this.#page.fill(0);
      if (!this.#isWholePageSame(expected)) this.#compare(vaddr, expected, inPage);
    }
  }

  /** There are no more FINAL mappings. */
  end(): void {
    if (this.#mappings === 0) return;
    const mapped = this.#view.space.areas.reduce((sum, area) => sum + area.end - area.start, 0) / frameBytes;
    this.extraPages = Math.max(0, mapped - this.#coveredPages);
  }

  #isWholePageSame(expected: Uint8Array): boolean {
    if (expected.length !== frameBytes || (expected.byteOffset & 3) !== 0) return false;
    const words = new Uint32Array(expected.buffer, expected.byteOffset, frameBytes / 4);
    const own = this.#pageWords;
    for (let i = 0; i < frameBytes / 4; i++) if (words[i] !== own[i]) return false;
    return true;
  }

  #compare(vaddr: number, expected: Uint8Array, inPage: number): void {
    for (let i = 0; i < expected.length; i++) {
      const found = this.#page[inPage + i];
      if (found === expected[i]) continue;
      this.firstWrong ??= { vaddr: vaddr + i, expected: expected[i], found };
      this.wrongBytes += 1;
    }
  }
}
