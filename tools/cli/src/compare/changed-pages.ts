// The oracle: which pages of a process really changed from one checkpoint to the next, by their bytes.

import { peekPage, visitPages } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import { areaAt } from "@pagelapse/vma";

/**
 * Keeps the bytes of every page that has content of its own: other bytes than an untouched page there would have. It is shown
 * the process at each checkpoint; checkpoints are numbered from 1.
 */
export class ChangedPages {
  readonly #kept: Map<number, Uint8Array> = new Map();
  /** At which checkpoint a page was last found with other bytes than at the one before. */
  readonly #changedAt: Map<number, number> = new Map();
  #number = 0;
  #changed = 0;

  /** Number of the last checkpoint. */
  get number(): number {
    return this.#number;
  }

  /** Pages with content that had other bytes, or none, at the checkpoint before: no increment can do without them. */
  get changed(): number {
    return this.#changed;
  }

  /** Addresses of the pages that have content of their own. */
  get content(): Iterable<number> {
    return this.#kept.keys();
  }
  get contentCount(): number {
    return this.#kept.size;
  }

  /** The process at the next checkpoint. Its bytes are compared, whatever anybody knows of stores. */
  look(view: ProcessView): void {
    this.#number += 1;
    this.#changed = 0;
    const gone = new Set(this.#kept.keys());
    const bytes = Buffer.alloc(4096);
    const untouched = Buffer.alloc(4096);
    visitPages(view, (vaddr) => {
      if (peekPage(view, vaddr, bytes) === "unknown") return;
      const area = areaAt(view.space.areas, vaddr);
      const { file } = area ?? {};
      if (area === undefined || file === undefined) untouched.fill(0);
      else view.files.read(file, area.offset + (vaddr - area.start), untouched);
      if (bytes.equals(untouched)) return;
      gone.delete(vaddr);
      const kept = this.#kept.get(vaddr);
      if (kept !== undefined && bytes.equals(kept)) return;
      this.#changed += 1;
      this.#changedAt.set(vaddr, this.#number);
      if (kept === undefined) this.#kept.set(vaddr, Uint8Array.from(bytes));
      else kept.set(bytes);
    });
    for (const vaddr of gone) {
      this.#kept.delete(vaddr);
      this.#changedAt.set(vaddr, this.#number);
    }
  }

  /** Whether a page has had the same bytes at every checkpoint since that one. */
  isUnchangedSince(vaddr: number, checkpoint: number): boolean {
    return (this.#changedAt.get(vaddr) ?? 0) <= checkpoint;
  }
}
