// Forgetting translations, on this processor and on others, and saying so.

import { catalogue } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import type { Tlb } from "@pagelapse/mmu";
import type { Core } from "./core.ts";

const PAGE_FLUSHED = catalogue["tlb-page-flushed"].code;
const SPACE_FLUSHED = catalogue["tlb-space-flushed"].code;
const FLUSHED = catalogue["tlb-flushed"].code;
const SHOT_DOWN = catalogue["tlb-shot-down"].code;

/** From here on Linux flushes everything at once: `tlb_single_page_flush_ceiling`. */
const singlePageCeiling = 33;

/** Flushes one page of the task that runs, on every processor that runs it: Linux's `flush_tlb_page`. */
export function flushPage(core: Core, vaddr: number): void {
  onEach(core, { scope: "page", vaddr }, (tlb) => {
    tlb.flushPage(Math.floor(vaddr / frameBytes));
    core.log.note(PAGE_FLUSHED, vaddr, 0, frameBytes);
  });
}

/** Flushes the pages of [start, end): Linux's `flush_tlb_range`. */
export function flushRange(core: Core, start: number, end: number): void {
  if ((end - start) / frameBytes > singlePageCeiling) flushSpace(core);
  else for (let vaddr = start; vaddr < end; vaddr += frameBytes) flushPage(core, vaddr);
}

/** Flushes every page of the task that runs, on every processor that runs it: Linux's `flush_tlb_mm`. */
export function flushSpace(core: Core): void {
  onEach(core, { scope: "space", vaddr: 0 }, (tlb) => {
    tlb.flush();
    core.log.note(SPACE_FLUSHED, 0, 0, 0);
  });
}

/** This processor forgets everything, as when it loads another root: entries are not tagged with address spaces here. */
export function flushProcessor(core: Core): void {
  core.tlb.flush();
  core.log.note(FLUSHED, 0, 0, 0);
}

/**
 * This processor flushes, then tells the others by interrupt, as Linux's `flush_tlb_mm_range`: those that run the same
 * task, for only they can remember any of it. Notes carry the processor whose TLB forgets.
 */
function onEach(core: Core, what: { readonly scope: "page" | "space"; readonly vaddr: number }, flush: (tlb: Tlb) => void): void {
  if (core.flushing === "omitted") return;
  const { log } = core;
  const here = log.processor;
  const others = core.state.running.flatMap((task, processor) => (task === log.task && processor !== here ? [processor] : []));
  if (core.state.running[here] === log.task) flush(core.tlb);
  for (const processor of others) {
    log.detail(SHOT_DOWN, { processor, scope: what.scope }, what.vaddr);
    log.processor = processor;
    flush(core.tlb);
    log.processor = here;
  }
}
