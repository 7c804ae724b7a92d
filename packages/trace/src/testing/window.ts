// The window of addresses that histories are about.

import { pageBytes } from "./model.ts";

/** Pages of the window. */
export const windowPages = 10;
/** Where the window lies: over the end of a last-level table of every architecture. */
export const windowStart = 0x3f_c000;
/** The first page of the window's second table, and how many it takes from there on to fill an entry above, on i386. */
export const largeStart = 4;
export const largeCount = 1024;

/** Address of a page of the window. */
export function addressOf(page: number): number {
  return windowStart + page * pageBytes;
}

/** How many of so many pages from `page` on lie in the window. */
export function clip(page: number, count: number): number {
  return Math.min(count, windowPages - page);
}
