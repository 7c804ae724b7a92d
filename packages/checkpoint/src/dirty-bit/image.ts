// The image format of `dirty-bit`: what a file holds, and where.

import type { Area } from "@pagelapse/vma";

/*
 * Little-endian. Addresses and offsets are doubles that hold integers; counts and flags are 32-bit words, of which
 * 0xffff_ffff says "none".
 *
 *       0  magic "PGLAPSE\n"              8  version 1                 12  sequence
 *      16  bytes of this file (double)   24  the architecture's name, 16 bytes, zeros after it
 *      40  parent's sequence, or none    44  parent's checksum, or 0   48  pid              52  check_count
 *      56  start of the break (double)   64  the break (double)        72  runs of pages    76  areas
 *      80  the page map, a run in 16 bytes:     start (double), pages, kind: 0 DATA, 1 ZERO, 2 PARENT
 *          the areas, each in 44 bytes and its labels:
 *             start, end, offset (doubles), VM_* flags, object or none, anon_vma or none,
 *             bytes of the file's label or none, bytes of the name; then the file's label and the name in UTF-8
 *          zeros up to a multiple of 8
 *          4096 bytes for each DATA page, in the order of the map
 *     end  CRC32C of all before it
 *
 * Every image has all areas and names every page that has content of its own, so nothing is left to be inferred from a
 * parent: a page that is not in the map is untouched. PARENT says: as the image with that sequence and that checksum has it.
 */

/** "PGLAPSE\n" */
export const magic: readonly number[] = [0x50, 0x47, 0x4c, 0x41, 0x50, 0x53, 0x45, 0x0a];
export const formatVersion = 1;
export const headerBytes = 80;
export const runBytes = 16;
export const areaBytes = 44;
export const checksumBytes = 4;
/** Stands for `undefined` where a word can be absent. */
export const none = 0xffff_ffff;
/** As many pages as a RAM of 4 GiB has frames: more in one image are not believed. */
export const pageLimit: number = 2 ** 20;
/** Bytes of the architecture's name. */
export const architectureBytes = 16;
/** Where fields stand that are refused after they were read. */
export const sequenceOffset = 12;
export const parentOffset = 40;

/** Where the bytes of a page are; the index is what stands in the file. */
export const pageKinds = ["DATA", "ZERO", "PARENT"] as const;
export type PageKind = (typeof pageKinds)[number];

/** Neighbouring pages of one kind. */
export interface PageRun {
  readonly start: number;
  readonly pageCount: number;
  readonly kind: PageKind;
}

/** An image that another builds on. */
export interface ParentImage {
  readonly sequence: number;
  readonly checksum: number;
}

/** What an image says, but for the bytes of its DATA pages. */
export interface Image {
  readonly sequence: number;
  readonly parent: ParentImage | undefined;
  readonly pid: number;
  readonly checkCount: number;
  readonly startBrk: number;
  readonly brk: number;
  readonly areas: readonly Area[];
  /** Sorted and disjoint; neighbours of one kind are one run. */
  readonly runs: readonly PageRun[];
}

/** Where a run stands in its file. */
export function runOffset(index: number): number {
  return headerBytes + index * runBytes;
}

/** Name of the file of an image. */
export function imageFileName(pid: number, sequence: number): string {
  return `image_${pid}_${sequence}`;
}

/** The sequence in the name of a file, if it is that of an image. None is ever so high that it needs more digits. */
export function sequenceOf(name: string): number | undefined {
  const [, sequence] = /^image_\d+_(\d{1,9})$/.exec(name) ?? [];
  return sequence === undefined ? undefined : Number(sequence);
}
