// One image of the pages that changed, step by step.

import { frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { isFailure } from "@pagelapse/vfs";
import { firstDifference } from "../first-difference.ts";
import type { PageKind } from "../image/page-run.ts";
import type { PageWriter } from "../image/page-writer.ts";
import type { ParentImage, TreeImage } from "../image/tree-image.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { CheckpointResult, CheckpointSteps } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import type { PageTracker } from "../trackers/page-tracker.ts";
import { copiedPages, forkedPages, mappedAt, memoryOf, pagesInPlace } from "./captured-pages.ts";
import type { CapturedPages } from "./captured-pages.ts";
import type { ImageParts } from "./image-parts.ts";
import { changedRows, collectPages, isInPlace, isZeros, mayBeZero, runsOf, selectPages, unchangedPages } from "./page-list.ts";
import type { CollectedPages, PageContent, PageList } from "./page-list.ts";
import { markLines } from "./parent-bytes.ts";
import type { ParentBytes } from "./parent-bytes.ts";
import { changeBetween, factsOf } from "./tree-facts.ts";
import type { ProcessFacts } from "./tree-facts.ts";

/** What the last committed image holds. Frames mean something in their own memory only. */
export interface Parent extends ParentImage {
  readonly memory: PhysicalMemory;
  readonly pages: PageList;
  /** Kept where parts want it. */
  readonly bytes: ParentBytes;
}

/** Of an image that is begun: how it is made, what it builds on, where it goes, and why it has failed already, if it has. */
export interface Beginning {
  readonly strategy: string;
  readonly tracker: PageTracker;
  readonly parts: ImageParts;
  /** `in place`: pages are read where they are, at `copy`. `forked`: they are those of `clear`, which children hold until `commit`. */
  readonly capture: "in place" | "forked";
  /** `goes on`: the world acts between the steps. */
  readonly world: "stopped" | "goes on";
  readonly store: ImageStore;
  readonly parent: Parent | undefined;
  readonly sequence: number;
  readonly trouble: string | undefined;
  /** Where it stands that a page changed, until an image that holds it is committed: in its frame's mark, or with the parent. */
  readonly changes: "marked in frames" | "remembered here";
  /** Is told what of the parent holds still, where changes are remembered. */
  readonly remember: (unchanged: Parent) => void;
  /** Is told when the image is committed. */
  readonly committed: (parent: Parent) => void;
}

/**
 * The steps. What the world does between them is in this image or in the next: a page that the image has is as it was at some
 * moment from `collect` to `copy`. Only areas and processes must not come and go until pages are captured; then the checkpoint fails.
 */
export class ImageSteps implements CheckpointSteps {
  readonly #tracked: Tracked;
  readonly #beginning: Beginning;
  #sequence: number;
  /** The processes when it began, and at last when its pages were captured. */
  #facts: readonly ProcessFacts[];
  /** Why it cannot be committed. */
  #trouble: string | undefined;
  /** What of the parent's pages nobody has stored to. */
  #held: PageList | undefined;
  #collected: CollectedPages = noPages;
  /** Rows left to the parent that somebody stored to after that. */
  #storedTo: ReadonlySet<number> = new Set();
  #captured: CapturedPages | undefined;
  #content: readonly PageContent[] = [];
  #kinds: readonly PageKind[] = [];

  constructor(tracked: Tracked, beginning: Beginning) {
    this.#tracked = tracked;
    this.#beginning = beginning;
    this.#facts = factsOf(tracked);
    this.#trouble = beginning.trouble;
    this.#held = beginning.parent?.pages;
    this.#sequence = beginning.sequence;
    tracked.begun(this.#names);
  }

  collect(): void {
    if (this.#trouble === undefined) this.#collected = this.#look();
  }

  clear(): void {
    if (this.#trouble !== undefined) return;
    const { capture, changes, tracker, world } = this.#beginning;
    // What was stored to since `collect` is the next image's, and the tracker is about to forget it.
    if (world === "goes on" && changes === "remembered here" && this.#held !== undefined) {
      this.#look();
      this.#storedTo = changedRows(this.#collected, this.#held);
    }
    tracker.clear(this.#tracked);
    if (capture === "forked") this.#capture(forkedPages(this.#tracked, this.#collected));
  }

  copy(): void {
    const { capture, world } = this.#beginning;
    if (this.#trouble === undefined && capture === "in place") this.#capture(pagesInPlace(this.#tracked, this.#collected));
    if (this.#trouble !== undefined || this.#captured === undefined) return;
    this.#judge(this.#captured);
    if (capture === "forked" || world === "stopped") return;
    this.#captured = copiedPages(this.#captured, new Set([...this.#dataRows(), ...this.#collected.marked]));
  }

  commit(): CheckpointResult {
    if (this.#beginning.world === "goes on") this.#number();
    try {
      return this.#trouble === undefined && this.#captured !== undefined
        ? this.#commit(this.#captured)
        : this.#fail("failed", this.#trouble ?? "nothing was copied");
    } finally {
      this.#captured?.end();
    }
  }

  get #names(): { readonly strategy: string; readonly name: string } {
    return { strategy: this.#beginning.strategy, name: `image-${this.#sequence}` };
  }

  /** Another image may have been begun, and committed, meanwhile: then this one begins again under the next number. */
  #number(): void {
    const next = this.#beginning.store.nextSequence();
    if (isFailure(next) || next <= this.#sequence) return;
    this.#tracked.failed({ ...this.#names, reason: "another image took the number" });
    this.#sequence = next;
    this.#tracked.begun(this.#names);
  }

  #look(): CollectedPages {
    const { changes, parent, parts, remember, tracker } = this.#beginning;
    const pages = collectPages(this.#tracked, this.#held, tracker.look(this.#tracked), parts.leavesOut);
    if (changes === "remembered here" && parent !== undefined) {
      this.#held = unchangedPages(pages);
      remember({ ...parent, pages: this.#held });
    }
    return pages;
  }

  /** Pages that came or went since they were listed would make an image of no moment at all. */
  #capture(captured: CapturedPages | undefined): void {
    const now = factsOf(this.#tracked);
    const change = changeBetween(this.#facts, now);
    if (captured === undefined) this.#trouble ??= "there is no room for a child";
    if (change !== undefined) this.#trouble ??= `${change} while it was taken`;
    this.#captured = captured;
    this.#facts = now;
  }

  /** Says of each page what the image has of it. */
  #judge(captured: CapturedPages): void {
    const { parent, parts } = this.#beginning;
    const { address, inParent, memories } = this.#collected;
    const content: PageContent[] = [];
    const kinds: PageKind[] = [];
    for (const memory of memories) {
      const parentBytes = parts.unchanged === "saved" ? undefined : parent?.bytes.get(memory.name);
      for (let row = memory.first; row < memory.end; row++) {
        const held = inParent[row];
        if (held === undefined) captured.read(row, page);
        const isZero = held === undefined && parts.zeros === "left out" && isZeros(page) && mayBeZero(memory, address[row]);
        const before = held === undefined ? parentBytes?.get(address[row]) : undefined;
        const isHeld = held === "DATA" || (before !== undefined && firstDifference(before, page) === -1);
        content.push(held ?? (isZero ? "ZERO" : "DATA"));
        kinds.push(content[row] === "ZERO" ? "ZERO" : isHeld ? "PARENT" : "DATA");
      }
    }
    this.#content = content;
    this.#kinds = kinds;
  }

  #commit(captured: CapturedPages): CheckpointResult {
    const tracked = this.#tracked;
    const { committed, parts, store } = this.#beginning;
    const dataRows = this.#dataRows();
    const copies = new Map<number, Uint8Array>();
    const outcome = store.commit(this.#image(), this.#writer(dataRows, captured, copies));
    if (outcome.kind !== "committed") return this.#fail(outcome.kind, `${outcome.path} was not written: ${outcome.reason}`);

    const { pfn, marked, presentPages } = this.#collected;
    for (const row of marked) if (this.#isAsCaptured(row, captured)) tracked.dropPending(pfn[row]);
    const pages = this.#heldPages();
    const bytes = keepsBytes(parts) ? this.#bytes(copies) : new Map<string, ReadonlyMap<number, Uint8Array>>();
    committed({ sequence: this.#sequence, digest: outcome.digest, memory: tracked.memory, pages, bytes });
    const { path, byteCount } = outcome;
    const pagesSaved = dataRows.length;
    tracked.committed({ ...this.#names, pagesSaved, byteCount });
    const left = this.#kinds.reduce((count, kind) => (kind === "PARENT" ? count + 1 : count), 0);
    return { kind: "committed", path, pagesSaved, byteCount, presentPages, fullBytes: byteCount + left * savedPageBytes };
  }

  /** What a later image may leave to this one. */
  #heldPages(): PageList {
    if (this.#storedTo.size === 0) return { ...this.#collected, content: this.#content };
    const held = this.#content.map((content, row) => (this.#storedTo.has(row) ? undefined : content));
    return selectPages(this.#collected, held);
  }

  #image(): TreeImage {
    const { parent, strategy } = this.#beginning;
    const { memories } = this.#collected;
    const runs = memories.map((memory) => runsOf(this.#collected, this.#kinds, memory));
    return {
      sequence: this.#sequence,
      parent: parent && { sequence: parent.sequence, digest: parent.digest },
      strategy,
      architecture: this.#tracked.architecture.name,
      moment: this.#tracked.moment,
      processes: this.#facts.map((facts, index) => ({ ...facts, runs: runs[index] })),
      shared: memories.flatMap(({ process, file, object }, index) =>
        process === undefined && runs[index].length > 0 ? [{ file, object, runs: runs[index] }] : [],
      ),
    };
  }

  /** `copies` gets the pages that are written, where they are wanted later. */
  #writer(dataRows: readonly number[], captured: CapturedPages, copies: Map<number, Uint8Array>): PageWriter {
    const { parent, parts } = this.#beginning;
    const read = (index: number, target: Uint8Array): void => {
      const row = dataRows[index];
      captured.read(row, target);
      this.#tellSaved(row);
      if (keepsBytes(parts)) copies.set(row, target.slice());
    };
    if (parts.pages === "raw") return { encoding: "raw", read };
    if (parts.pages !== "lines") return { encoding: "compressed", codec: parts.pages, read };
    return {
      encoding: "lines",
      read,
      lines: (index, mask) => {
        const row = dataRows[index];
        captured.read(row, page);
        markLines(page, parent?.bytes.get(memoryOf(this.#collected, row).name)?.get(this.#collected.address[row]), mask);
      },
    };
  }

  #tellSaved(row: number): void {
    const { address, pfn } = this.#collected;
    const place = mappedAt(this.#tracked, memoryOf(this.#collected, row), address[row]);
    (place?.process ?? this.#tracked).saved(place?.vaddr ?? 0, pfn[row] * frameBytes);
  }

  /** The DATA pages of this image and its ancestors. */
  #bytes(copies: ReadonlyMap<number, Uint8Array>): ParentBytes {
    const before = this.#beginning.parent?.bytes;
    const { address, memories } = this.#collected;
    const all = new Map<string, Map<number, Uint8Array>>();
    for (const { name, first, end } of memories) {
      const pages = new Map<number, Uint8Array>();
      for (let row = first; row < end; row++) {
        const bytes = copies.get(row) ?? before?.get(name)?.get(address[row]);
        if (this.#content[row] === "DATA" && bytes !== undefined) pages.set(address[row], bytes);
      }
      all.set(name, pages);
    }
    return all;
  }

  #dataRows(): readonly number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.#kinds.length; row++) if (this.#kinds[row] === "DATA") rows.push(row);
    return rows;
  }

  /** Whether the page is still in its frame, with the bytes that were captured: else its mark is the next image's. */
  #isAsCaptured(row: number, captured: CapturedPages): boolean {
    const { memory } = this.#tracked;
    if (this.#beginning.world === "stopped") return true;
    if (!isInPlace(memory, this.#collected, row)) return false;
    memory.read(this.#collected.pfn[row] * frameBytes, page);
    captured.read(row, other);
    return firstDifference(page, other) === -1;
  }

  #fail(kind: "failed" | "indeterminate", reason: string): CheckpointResult {
    this.#tracked.failed({ ...this.#names, reason });
    return { kind, path: this.#names.name, reason };
  }
}

function keepsBytes({ pages, unchanged }: ImageParts): boolean {
  return pages === "lines" || unchanged === "left to the parent";
}

/** A page and its checksum. */
const savedPageBytes = frameBytes + 4;

const page = new Uint8Array(frameBytes);
const other = new Uint8Array(frameBytes);

const noPages: CollectedPages = {
  memories: [],
  address: [],
  pfn: [],
  allocation: [],
  inParent: [],
  marked: [],
  presentPages: 0,
};
