// Which files an image is made of, in the order in which they are written.

import { frameBytes } from "@pagelapse/mmu";
import { pagesFilesOf } from "../criu/pages-files.ts";
import { digestOf } from "./digest.ts";
import { countPages, pageMapsOf } from "./page-maps.ts";
import type { PageWriter } from "./page-writer.ts";
import type { TreeImage } from "./tree-image.ts";

/*
 * checksums             CRC32C of each DATA page, in order of their numbers: 4 bytes each, little-endian
 * pages-N.img           raw: the DATA pages of map N, from 1, 4096 bytes each
 * pages.lines           lines: 8 bytes for each DATA page, bit i & 7 of byte i >> 3 for line i; then the 64 bytes of each line kept
 * pages.compressed      compressed: 8 bytes for each 64 DATA pages, the compressed byte count and its CRC32C, both little-endian;
 *                       then what those pages were compressed to
 */

/** The file of checksums. */
export const checksumsName = "checksums";
/** Bytes of a checksum. */
export const checksumBytes = 4;
/** The symlink to the parent that CRIU follows, and nobody here. */
export const parentName = "parent";
/** Pages that are compressed together, but for the last. */
export const blockPages = 64;
/** Bytes before the pages: for each DATA page, or each block. */
export const entryBytes = 8;
/** A line of a page. */
export const lineBytes = 64;

/** A file that holds pages. */
export interface PageFile {
  readonly name: string;
  /** The DATA pages in it are those from `first` on. */
  readonly first: number;
  readonly pageCount: number;
}

/** The files that hold the pages of an image. */
export function pageFilesOf(image: TreeImage, encoding: PageWriter["encoding"]): readonly PageFile[] {
  if (encoding !== "raw") return [{ name: `pages.${encoding}`, first: 0, pageCount: dataPagesOf(image) }];
  let first = 0;
  return pagesFilesOf(image).map(({ name, runs }) => {
    const pageCount = countPages(runs);
    first += pageCount;
    return { name, first: first - pageCount, pageCount };
  });
}

/** How many DATA pages an image holds. */
export function dataPagesOf(image: TreeImage): number {
  return pageMapsOf(image).reduce((sum, { runs }) => sum + countPages(runs, "DATA"), 0);
}

/** What stands in the manifest for a file of pages: it is digested by its checksums, so that its bytes are read once. */
export function digestOfPages({ first, pageCount }: PageFile, checksums: Uint8Array, byteCount: number): string {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(byteCount), true);
  return digestOf(checksums.subarray(first * checksumBytes, (first + pageCount) * checksumBytes), length);
}

/** The fewest bytes that a file of pages can have, and the most. */
export function byteRangeOf({ pageCount }: PageFile, encoding: PageWriter["encoding"]): readonly [number, number] {
  const whole = pageCount * frameBytes;
  if (encoding === "raw") return [whole, whole];
  if (encoding === "lines") return [pageCount * entryBytes, pageCount * entryBytes + whole];
  return [Math.ceil(pageCount / blockPages) * entryBytes, Number.MAX_SAFE_INTEGER];
}
