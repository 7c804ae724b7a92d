// What a segment says of all its events together, so that a search can pass over it, or over most of it.

import { VarintReader, putVarint, longestVarint } from "./varint.ts";

/*
 *     virtual pages   of accesses whose code tells the page: ranges of pages, in order, each as two varints: how many pages after
 *                     the end of the range before it begins, and how many pages it has
 *     kinds           a stretch, 16 bytes: a bit for each kind that happens in it, by its code
 */
/** Bytes of a bitmap of kinds. */
export const kindBytes = 16;

/** Page numbers as ranges; sorts them. */
export function encodePages(pages: Float64Array): Uint8Array {
  pages.sort();
  const bytes = new Uint8Array(pages.length * 2 * longestVarint);
  let at = 0;
  let end = 0;
  for (let i = 0; i < pages.length;) {
    const start = pages[i];
    let next = start + 1;
    for (i++; i < pages.length && pages[i] <= next; i++) next = pages[i] + 1;
    at = putVarint(bytes, at, start - end);
    at = putVarint(bytes, at, next - start);
    end = next;
  }
  return bytes.subarray(0, at);
}

/** Whether any of these ranges has a page of [from, to). */
export function hasPage(bytes: Uint8Array, from: number, to: number): boolean {
  const varints = new VarintReader(bytes, 0);
  for (let end = 0; varints.at < bytes.length;) {
    const start = end + varints.next();
    if (start >= to) return false;
    end = start + varints.next();
    if (end > from) return true;
  }
  return false;
}
