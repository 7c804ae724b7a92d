// Memory brought back from checkpoints compared with a process, page by page.

import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { ProcessView } from "./address-space.ts";
import { compareAreas } from "./compare-areas.ts";
import type { WrongRange } from "./compare-areas.ts";
import type { Comparison, WrongKind, WrongPage } from "./comparison.ts";
import { firstDifference } from "./first-difference.ts";
import type { MemoryImage } from "./memory-image.ts";
import { peekPage, readUntouched } from "./peek-page.ts";
import { visitPages } from "./visit-pages.ts";

/**
 * Judges an image against the process it was taken of. An image without areas is judged on its pages alone: a page that it
 * lacks is `lost` only if an untouched page there would hold other bytes. Pages whose bytes nobody knows are passed over, and
 * missing ones of areas that the image leaves out on purpose.
 * `tell` is told of every wrong page, in no order.
 */
export function compareMemory(view: ProcessView, image: MemoryImage, tell?: (page: WrongPage) => void): Comparison {
  return compare(view, tell, {
    areas: image.areas,
    leavesOut: image.leavesOut,
    pages: image.pages.keys(),
    peek(vaddr, target) {
      const bytes = image.pages.get(vaddr);
      if (bytes === undefined) return "missing";
      target.set(bytes);
      return "held";
    },
  });
}

/** Judges one process against another: what is mapped, how it may be used, and every byte. `tell` as with `compareMemory`. */
export function compareProcesses(expected: ProcessView, actual: ProcessView, tell?: (page: WrongPage) => void): Comparison {
  return compare(expected, tell, {
    areas: actual.space.areas,
    leavesOut: 0,
    pages: pagesOf(actual),
    peek: (vaddr, target) => (peekPage(actual, vaddr, target) === "unmapped" ? "missing" : "held"),
  });
}

/** The side that is judged. */
interface Candidate {
  readonly areas: readonly Area[] | undefined;
  /** VM_* flags of areas whose pages it may lack. */
  readonly leavesOut: number;
  /** The pages that may hold other bytes than untouched ones. */
  readonly pages: Iterable<number>;
  peek(vaddr: number, target: Uint8Array): "missing" | "held";
}

function compare(view: ProcessView, tell: ((page: WrongPage) => void) | undefined, candidate: Candidate): Comparison {
  const tally = new Tally(tell);
  const wrong = candidate.areas === undefined ? [] : compareAreas(view.space.areas, candidate.areas);
  for (const range of wrong) tally.add(range.kind, range.start, (range.end - range.start) / frameBytes);

  const expected = new Uint8Array(frameBytes);
  const found = new Uint8Array(frameBytes);
  for (const vaddr of new Set([...pagesOf(view), ...candidate.pages])) {
    if (inRange(wrong, vaddr)) continue;
    const held = candidate.peek(vaddr, found);
    const area = areaAt(view.space.areas, vaddr);
    if (area === undefined) {
      if (held === "held") tally.add("resurrected", vaddr, 1);
      continue;
    }
    if (held === "missing" && (area.flags & candidate.leavesOut) !== 0) continue;
    if (peekPage(view, vaddr, expected) === "unknown") continue;
    tally.pages++;
    if (held === "missing") readUntouched(view, area, vaddr, found);
    const offset = firstDifference(expected, found);
    if (offset !== -1) tally.add(held === "missing" ? "lost" : "stale", vaddr, 1, offset);
  }
  return tally.comparison;
}

/** The pages whose bytes may be other than an untouched page's. */
function pagesOf(view: ProcessView): readonly number[] {
  const pages: number[] = [];
  visitPages(view, (vaddr) => pages.push(vaddr));
  return pages;
}

/** Whether one of the sorted ranges has the address. */
function inRange(ranges: readonly WrongRange[], vaddr: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle].end > vaddr) high = middle;
    else low = middle + 1;
  }
  return low < ranges.length && ranges[low].start <= vaddr;
}

/** Counts wrong pages and keeps the lowest. */
class Tally {
  pages = 0;
  readonly #counts: Record<WrongKind, number> = { lost: 0, stale: 0, resurrected: 0 };
  readonly #tell: ((page: WrongPage) => void) | undefined;
  #first: WrongPage | undefined;

  constructor(tell: ((page: WrongPage) => void) | undefined) {
    this.#tell = tell;
  }

  add(kind: WrongKind, vaddr: number, pageCount: number, offset?: number): void {
    this.#counts[kind] += pageCount;
    if (this.#tell !== undefined) {
      for (let page = 0; page < pageCount; page++) {
        const at = vaddr + page * frameBytes;
        this.#tell(offset === undefined ? { kind, vaddr: at } : { kind, vaddr: at, offset });
      }
    }
    if (this.#first !== undefined && this.#first.vaddr <= vaddr) return;
    this.#first = offset === undefined ? { kind, vaddr } : { kind, vaddr, offset };
  }

  get comparison(): Comparison {
    const counts = { pages: this.pages, ...this.#counts };
    return this.#first === undefined ? counts : { ...counts, first: this.#first };
  }
}
