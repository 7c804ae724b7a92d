// A hypervisor's log of the pages of one process that were stored to.

import type { DirtyLogTaken } from "@pagelapse/checkpoint";

export class StoreLog {
  readonly capacity: number;
  readonly #pages: Set<number> = new Set();
  #overflow = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(page: number): void {
    if (this.#pages.has(page)) return;
    if (this.#pages.size < this.capacity) this.#pages.add(page);
    else this.#overflow++;
  }

  /** What stands in it, as pages of that process. */
  taken(pid: number): DirtyLogTaken {
    return { pages: [...this.#pages].map((vaddr) => ({ pid, vaddr })), overflow: this.#overflow };
  }
}
