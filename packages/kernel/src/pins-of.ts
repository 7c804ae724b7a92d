// Who holds a frame beside entries and the page cache.

import type { Core } from "./core.ts";

/** How many pins hold a frame, or any of several side by side: each is a reference of its frame. */
export function pinsOf(core: Core, pfn: number, frameCount = 1): number {
  return core.state.pins.reduce((count, pin) => count + (pin.pfn >= pfn && pin.pfn < pfn + frameCount ? 1 : 0), 0);
}
