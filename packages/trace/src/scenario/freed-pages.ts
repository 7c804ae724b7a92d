// Pages given to MADV_FREE: the kernel may keep or drop their bytes, and both are right.

import { peekPage } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import type { Command } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import { MADV_FREE } from "@pagelapse/vma";

/** Remembers which pages were freed so, at whatever address of whatever process. */
export class FreedPages {
  readonly #pages = new Set<number>();

  hear(command: Command): void {
    if (command.kind !== "advise-memory" || command.advice !== MADV_FREE) return;
    for (let at = 0; at < command.byteCount; at += frameBytes) this.#pages.add(command.start + at);
  }

  /** Whether the process reads zeros in a page that was freed: then another, of which nobody took it yet, may read its bytes. */
  isDropped(view: ProcessView, vaddr: number): boolean {
    if (!this.#pages.has(vaddr)) return false;
    const bytes = new Uint8Array(frameBytes);
    peekPage(view, vaddr, bytes);
    return bytes.every((byte) => byte === 0);
  }
}
