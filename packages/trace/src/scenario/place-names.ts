// Where the areas that a scenario names lie.

import { frameBytes } from "@pagelapse/mmu";
import { BadScenario } from "./bad-scenario.ts";
import { startBrk } from "./machine-word.ts";
import type { Address, FilePage, Name, Range, Where } from "./scenario.ts";

/** What a name stands for: it keeps its place when the area goes. */
interface NamedPlace {
  readonly start: number;
  readonly pageCount: number;
  /** Pages below the start that belong to it: a stack's. */
  readonly pagesBelow: number;
}

/** Areas that nobody places begin at multiples of this, from the first on: none touches another, and a large page fits. */
const spacing = 2 ** 22;
const firstPlace = 0x1000_0000;
/** Pages that a stack may grow by: 8 MiB. */
const stackPages = 2048;

/** The names of a scenario so far. `HEAP` is what the break has gained. */
export class PlaceNames {
  readonly #places: Map<string, NamedPlace> = new Map([["HEAP", { start: startBrk, pageCount: 0, pagesBelow: 0 }]]);
  readonly #files: Set<string> = new Set();

  /** The file has bytes. */
  giveFile(file: string): void {
    this.#files.add(file);
  }

  /** Throws `BadScenario` for a file that has no bytes yet. */
  checkFile({ file, place }: FilePage): void {
    if (!this.#files.has(file)) throw new BadScenario(place, `a file given before (file ${file}@0 ...)`, file);
  }

  /** Where an area of that name is to begin. */
  startFor(name: Name, where: Where): number {
    if (where.kind === "at") return where.vaddr;
    if (where.kind === "after") {
      const { start, pageCount } = this.#find(where.area);
      return start + pageCount * frameBytes;
    }
    const before = this.#places.get(name.text);
    if (before !== undefined) return before.start;
    const ends = [...this.#places.values()].map(({ start, pageCount }) => start + pageCount * frameBytes);
    return ends.reduce((free, end) => (end < free ? free : Math.ceil((end + frameBytes) / spacing) * spacing), firstPlace);
  }

  /** An area of that name is there now. */
  place(name: Name, start: number, pageCount: number, kind: "stack" | "other"): void {
    this.#places.set(name.text, { start, pageCount, pagesBelow: kind === "stack" ? stackPages : 0 });
  }

  /** The break has gained so many pages in all. */
  placeHeap(pageCount: number): void {
    this.#places.set("HEAP", { start: startBrk, pageCount, pagesBelow: 0 });
  }

  /** Throws `BadScenario` for a name that nothing has, and a page that the area has not. */
  addressOf({ area, page, offset }: Address): number {
    return this.#pageOf(area, page) + offset;
  }

  /** As `addressOf`. */
  rangeOf({ area, pages }: Range): { readonly start: number; readonly byteCount: number } {
    const { start, pageCount } = this.#find(area);
    if (pages === undefined) return { start, byteCount: pageCount * frameBytes };
    const first = this.#pageOf(area, pages.first);
    return { start: first, byteCount: this.#pageOf(area, pages.last) + frameBytes - first };
  }

  /** How a scenario would call a page: by the name that was given last to an area with it. */
  nameOf(vaddr: number): string {
    const found = [...this.#places].findLast(([, { start, pageCount, pagesBelow }]) => {
      const page = (vaddr - start) / frameBytes;
      return page >= -pagesBelow && page < pageCount;
    });
    return found === undefined ? `0x${vaddr.toString(16)}` : `${found[0]}.${Math.floor((vaddr - found[1].start) / frameBytes)}`;
  }

  #pageOf(area: Name, page: number): number {
    const { start, pageCount, pagesBelow } = this.#find(area);
    const count = pageCount === 1 ? "1 page" : `${pageCount} pages`;
    if (page < -pagesBelow || page >= pageCount)
      throw new BadScenario(area.place, `a page of ${area.text}, which has ${count}`, `${area.text}.${page}`);
    return start + page * frameBytes;
  }

  #find(area: Name): NamedPlace {
    const found = this.#places.get(area.text);
    if (found !== undefined) return found;
    throw new BadScenario(area.place, `an area mapped before (${[...this.#places.keys()].join(", ")})`, area.text);
  }
}
