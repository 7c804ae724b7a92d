// From a selector to a page: which of the window's pages is in the state that it names.

import type { Model } from "./model.ts";
import type { Selector } from "./step.ts";
import { windowPages } from "./window.ts";

/** Picks pages of the process that the model speaks of. */
export class Picker {
  readonly #model: Model;
  /** Pages that reclaim took, by process and page, until they are used again. */
  readonly #out = new Set<string>();
  #recent = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  pick(selector: Selector): number {
    return (this.#recent = this.#candidate(selector));
  }

  isOut(page: number): void {
    this.#out.add(this.#key(page));
  }

  isIn(page: number): void {
    this.#out.delete(this.#key(page));
  }

  /** Whether reclaim took the page, and nobody has used it since. */
  wasOut(page: number): boolean {
    return this.#out.has(this.#key(page));
  }

  #candidate({ state, nth }: Selector): number {
    if (state === "recent") return this.#recent;
    const all = Array.from({ length: windowPages }, (_, page) => page);
    const candidates = all.filter((page) => this.#isIn(state, page));
    const pool = candidates.length === 0 ? all : candidates;
    return pool[nth % pool.length];
  }

  #isIn(state: Exclude<Selector["state"], "recent">, page: number): boolean {
    const known = this.#model.pages.get(page);
    switch (state) {
      case "any":
        return true;
      case "mapped":
        return known !== undefined;
      case "written":
        return known?.written === true;
      case "freed":
        return known === undefined && this.#model.freed.has(page);
      case "readonly":
        return known?.write === false;
      case "backed":
        return known?.backing !== undefined;
      case "twin":
        return known?.own !== undefined && known.twin?.both.stored === false;
      case "out":
        return known !== undefined && this.wasOut(page);
    }
  }

  #key(page: number): string {
    return `${this.#model.pid}:${page}`;
  }
}
