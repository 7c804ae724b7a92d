// Where the bytes of DATA pages come from, and how they are put down.

import type { Codec } from "./codec.ts";

/** Gives the bytes of the DATA pages of an image, each once, by number from 0 on. */
export type PageWriter = RawPages | LinePages | CompressedPages;

interface PageSource {
  /** Fills `target`, 4096 bytes, with page `index`. */
  read(index: number, target: Uint8Array): void;
}

/** Whole, in CRIU's pages-N.img, one for each map of pages. */
export interface RawPages extends PageSource {
  readonly encoding: "raw";
}

/** Only those lines of 64 bytes that are not as in the parent's page, in a file of our own. */
export interface LinePages extends PageSource {
  readonly encoding: "lines";
  /** Sets bit i & 7 of byte i >> 3 of `mask`, 8 bytes of zeros, for each line i to keep: all that the parent's page, or zeros where it has none, differs in. */
  lines(index: number, mask: Uint8Array): void;
}

/** Compressed, 64 pages together, in a file of our own. */
export interface CompressedPages extends PageSource {
  readonly encoding: "compressed";
  readonly codec: Codec;
}
