// Neighbouring pages that stand in one place.

/** Where the bytes of a page are: in this image, nowhere since all of them are zero, or in the parent image. */
export type PageKind = "DATA" | "ZERO" | "PARENT";

/** Neighbouring pages of one kind. */
export interface PageRun {
  /** Address of the first, or offset in shared memory: a multiple of 4096. */
  readonly start: number;
  /** 1 or more. */
  readonly pageCount: number;
  readonly kind: PageKind;
}
