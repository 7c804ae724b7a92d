// Wrong pages: where memory brought back differs from the memory it was taken of.

/**
 * What is wrong with a page. `lost`: it is missing, or nothing is mapped there. `stale`: it has other bytes, or may be used
 * in another way. `resurrected`: it is there, where nothing was mapped.
 */
export type WrongKind = "lost" | "stale" | "resurrected";

/** A comparison's outcome; a page counts once. */
export interface Comparison {
  /** Pages whose bytes were compared. */
  readonly pages: number;
  readonly lost: number;
  readonly stale: number;
  readonly resurrected: number;
  /** The lowest wrong page; `offset` is its first wrong byte, absent where the area is what is wrong. */
  readonly first?: WrongPage;
}

/** One wrong page. */
export interface WrongPage {
  readonly kind: WrongKind;
  readonly vaddr: number;
  readonly offset?: number;
}
