// Who holds a frame beside entries and the page cache.

import type { Core } from "./core.ts";

/** How many pins hold a frame: each is one of its references. */
export function pinsOf(core: Core, pfn: number): number {
  return core.state.pins.reduce((count, pin) => count + (pin.pfn === pfn ? 1 : 0), 0);
}
