// What a history met, by name: so that it can be shown that histories meet what they must.

import { pageBytes } from "./model.ts";
import type { Model } from "./model.ts";
import type { Picker } from "./picker.ts";

/** Names what happens to the processes of a model. */
export class Meetings {
  readonly met: Set<string> = new Set();
  readonly #model: Model;
  readonly #picker: Picker;
  /** The process of which checkpoints are taken, and what happened to it since the last. */
  #watched: number;
  readonly #since = new Set<string>();
  /** The processor that stored last, by process and page. */
  readonly #storedOn = new Map<string, number>();

  constructor(model: Model, picker: Picker) {
    this.#model = model;
    this.#picker = picker;
    this.#watched = model.pid;
  }

  /** What happened before it happened before a checkpoint. */
  checkpoint(): void {
    for (const what of this.#since) this.met.add(`${what}, then a checkpoint`);
    this.#since.clear();
  }

  /** Checkpoints are another process's from now on. */
  watch(pid: number): void {
    this.#watched = pid;
    this.#since.clear();
    this.met.add("watched a child after its parent");
  }

  /** Something happened, to the process that the model speaks of. */
  meet(name: string): void {
    this.met.add(name);
    if (this.#model.pid === this.#watched) this.#since.add(name);
  }

  /** Something happens to a range; told if it holds a page that was stored to. */
  written(page: number, count: number, name: string): void {
    for (let i = page; i < page + count; i++) if (this.#model.pages.get(i)?.written === true) this.meet(name);
  }

  /** The same, of shared memory alone. */
  shared(page: number, count: number, name: string): void {
    for (let i = page; i < page + count; i++) {
      const known = this.#model.pages.get(i);
      if (known?.sharing === "shared" && known.written) this.meet(name);
    }
  }

  /** A store is about to be tried. */
  store(offset: number, size: number, allowed: boolean, processor: number): void {
    const page = Math.floor(offset / pageBytes);
    const known = this.#model.pages.get(page);
    const crosses = offset + size > (page + 1) * pageBytes;
    if (crosses && allowed) this.meet("stored across pages");
    if (crosses && !allowed && known?.write === true) this.meet("faulted on the second page");
    if (known?.write === false) this.meet("stored to a read-only page");
    if (!allowed || known === undefined) return;
    if (known.sharing === "private" && known.backing !== undefined && known.own === undefined)
      this.meet("copied a page of a file");
    if (known.own !== undefined && known.twin?.both.stored === false) this.meet(`${known.twin.role} stored first`);
    if (known.mayVanish) this.meet("stored to a freed page");
    if (this.#picker.wasOut(page)) this.meet("stored to a page that was out");
    if (known.sharing === "shared") {
      const mappings = [...this.#model.pages.values()].filter((other) => other.backing === known.backing);
      if (mappings.length > 1) this.meet("stored to a page mapped twice");
      if (this.#model.isOthers(page)) this.meet("stored to another process's memory");
    }
    const key = `${this.#model.pid}:${page}`;
    if ((this.#storedOn.get(key) ?? processor) !== processor) this.meet("stored to one page on two processors");
    this.#storedOn.set(key, processor);
  }
}
