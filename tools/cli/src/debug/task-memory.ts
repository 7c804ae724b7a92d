// The memory of the task that one looks at, in pieces that may be unmapped or unknown.

import { peekPage } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";
import type { FetchedView } from "@pagelapse/replay";
import { Refusal } from "../refusal.ts";
import { formatAddress } from "../quantity.ts";
import type { Session } from "./session.ts";

/** A page of 4 KiB: its bytes, or why there are none. */
export type PageBytes = Uint8Array | "unmapped" | "unknown";

/** Reads bytes page by page, each page once. */
export class TaskMemory {
  readonly #session: Session;
  readonly #view: FetchedView;
  readonly #task: number;
  readonly #pages = new Map<number, PageBytes>();

  constructor(session: Session, view: FetchedView, task: number) {
    this.#session = session;
    this.#view = view;
    this.#task = task;
  }

  /** The page that begins at an address. */
  async page(start: number): Promise<PageBytes> {
    const known = this.#pages.get(start);
    if (known !== undefined) return known;
    const page = await this.#session.timeline.look(this.#view, (view): PageBytes => {
      const bytes = new Uint8Array(frameBytes);
      const found = peekPage(view.process(this.#task), start, bytes);
      return found === "known" ? bytes : found;
    });
    this.#pages.set(start, page);
    return page;
  }

  /** So many bytes; `undefined` where one of them is not known. Throws a `Refusal` where one is not mapped. */
  async bytes(vaddr: number, byteCount: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(byteCount);
    for (let done = 0; done < byteCount;) {
      const offset = (vaddr + done) & (frameBytes - 1);
      const part = Math.min(byteCount - done, frameBytes - offset);
      const page = await this.page(vaddr + done - offset);
      if (page === "unmapped") throw new Refusal(`cannot access memory at address ${formatAddress(vaddr + done)}`);
      if (page === "unknown") return undefined;
      bytes.set(page.subarray(offset, offset + part), done);
      done += part;
    }
    return bytes;
  }
}
