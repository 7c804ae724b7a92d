// Forgetting translations, and saying so.

import { catalogue } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import type { Core } from "./core.ts";

const FLUSHED = catalogue["tlb-flushed"].code;

/** From here on Linux flushes everything at once: `tlb_single_page_flush_ceiling`. */
const singlePageCeiling = 33;

/** Flushes one page: Linux's `flush_tlb_page`. */
export function flushPage(core: Core, vaddr: number): void {
  core.tlb.flushPage(Math.floor(vaddr / frameBytes));
  core.log.note(FLUSHED, vaddr, 0, frameBytes);
}

/** Flushes the pages of [start, end): Linux's `flush_tlb_range`. */
export function flushRange(core: Core, start: number, end: number): void {
  if ((end - start) / frameBytes > singlePageCeiling) flushAll(core);
  else for (let vaddr = start; vaddr < end; vaddr += frameBytes) flushPage(core, vaddr);
}

/** Flushes every page of the task that runs: Linux's `flush_tlb_mm`. */
export function flushAll(core: Core): void {
  core.tlb.flush();
  core.log.note(FLUSHED, 0, 0, 0);
}
