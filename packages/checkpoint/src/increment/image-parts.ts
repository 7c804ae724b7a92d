// What can be chosen of images, whatever tells which pages changed.

import { VM_DONTDUMP } from "@pagelapse/vma";
import type { Codec } from "../image/codec.ts";
import { wordRuns } from "./word-runs.ts";

/** What an image holds, and how. */
export interface ImageParts {
  /** Whether a page that was told changed is compared with the parent's bytes, and left to it where they are the same. */
  readonly unchanged: "saved" | "left to the parent";
  /** Whether a page of zeros has its bytes in the image, where the image could just say so. */
  readonly zeros: "saved" | "left out";
  /** How bytes are put down: pages as they are, those lines of 64 bytes that differ from the parent's page, or compressed. */
  readonly pages: "raw" | "lines" | Codec;
  /** VM_* flags of areas whose pages are left out: 0, for none. */
  readonly leavesOut: number;
}

/** Whole pages of all that changed, but for zeros. */
export const plainParts: ImageParts = { unchanged: "saved", zeros: "left out", pages: "raw", leavesOut: 0 };

/** The codec of compressed pages, if they are. */
export function codecsOf({ pages }: ImageParts): readonly Codec[] {
  return typeof pages === "string" ? [] : [pages];
}

/** A part that can be added to a strategy that makes images, by its name: `dirty-bit+unchanged`. */
export interface ImagePart {
  readonly name: string;
  /** One line, for help. */
  readonly summary: string;
  readonly parts: Partial<ImageParts>;
}

/** In the order in which a strategy's name has them. */
export const imageParts: readonly ImagePart[] = [
  {
    name: "unchanged",
    summary: "a page told changed whose bytes are the parent's is left to the parent",
    parts: { unchanged: "left to the parent" },
  },
  { name: "zeros", summary: "pages of zeros are saved as all others are", parts: { zeros: "saved" } },
  { name: "compressed", summary: "pages are compressed, 64 together", parts: { pages: wordRuns } },
  { name: "undumped", summary: "areas of MADV_DONTDUMP are left out", parts: { leavesOut: VM_DONTDUMP } },
];
