// One image of the pages that changed, step by step.

import { frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { writeFileDurably } from "@pagelapse/vfs";
import type { Area } from "@pagelapse/vma";
import { compareAreas } from "../compare-areas.ts";
import { firstDifference } from "../first-difference.ts";
import type { CheckpointResult, CheckpointSteps } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import type { PageTracker } from "../trackers/page-tracker.ts";
import { encodeImage, imageByteCount } from "./encode-image.ts";
import type { EncodedImage } from "./encode-image.ts";
import { checksumBytes, imageFileName } from "./image.ts";
import type { PageKind, ParentImage } from "./image.ts";
import { collectPages, copyPages, isInPlace, readRow, runsOf, unchangedPages } from "./page-list.ts";
import type { CollectedPages, CopiedPages, PageList } from "./page-list.ts";

/** What the last committed image holds. Frames mean something in their own memory only. */
export interface Parent extends ParentImage {
  readonly memory: PhysicalMemory;
  readonly pages: PageList;
}

/** Of an image that is begun: what it builds on, its number, and why it has failed already, if it has. */
export interface Beginning {
  readonly strategy: string;
  readonly tracker: PageTracker;
  readonly parent: Parent | undefined;
  readonly sequence: number;
  readonly trouble: string | undefined;
  /** Is told what of the parent holds still, after a look: for a parent that is there. */
  readonly collected: (unchanged: Parent) => void;
  /** Is told when the image is committed. */
  readonly committed: (parent: Parent) => void;
}

/**
 * The steps. What the world does between them is in this image or in the next: a page that the image has is as it was at some
 * moment from `collect` to `copy`. Only areas must not change until `copy`; then the checkpoint fails.
 */
export class DirtyBitSteps implements CheckpointSteps {
  readonly #tracked: Tracked;
  readonly #beginning: Beginning;
  #areas: readonly Area[];
  readonly #names: { readonly strategy: string; readonly name: string };
  /** Why it cannot be committed. */
  #trouble: string | undefined;
  #collected: CollectedPages = { vaddr: [], pfn: [], allocation: [], inParent: [], marked: [], presentPages: 0 };
  #copied: CopiedPages = { vaddr: [], pfn: [], allocation: [], content: [], kind: [] };
  #encoded: EncodedImage = { bytes: new Uint8Array(), checksum: 0 };

  constructor(tracked: Tracked, beginning: Beginning) {
    this.#tracked = tracked;
    this.#beginning = beginning;
    this.#areas = tracked.space.areas;
    this.#trouble = beginning.trouble;
    this.#names = { strategy: beginning.strategy, name: imageFileName(tracked.space.pid, beginning.sequence) };
    tracked.begun(this.#names);
  }

  collect(): void {
    if (this.#trouble !== undefined) return;
    const { parent, tracker, collected } = this.#beginning;
    this.#collected = collectPages(this.#tracked, parent?.pages, tracker.look(this.#tracked));
    if (parent !== undefined) collected({ ...parent, pages: unchangedPages(this.#collected) });
  }

  clear(): void {
    if (this.#trouble === undefined) this.#beginning.tracker.clear(this.#tracked);
  }

  copy(): void {
    const { space } = this.#tracked;
    // Pages that came or went with an area would make an image of no moment at all.
    if (space.areas !== this.#areas && compareAreas(this.#areas, space.areas).length > 0)
      this.#trouble ??= "areas changed while it was taken";
    if (this.#trouble !== undefined) return;
    // The tracker may have cleared flags of its own.
    this.#areas = space.areas;
    this.#copied = copyPages(this.#tracked, this.#collected);
    this.#encoded = this.#encode();
  }

  /** A frame that was marked after its copy keeps the mark: its bytes are others now. */
  commit(): CheckpointResult {
    const { marked } = this.#collected;
    return this.#commit(this.#trouble === undefined ? marked.filter((row) => this.#isAsCopied(row)) : marked);
  }

  /** Commits when nobody can have stored anything since `copy`. */
  commitUnchanged(): CheckpointResult {
    return this.#commit(this.#collected.marked);
  }

  #commit(marked: readonly number[]): CheckpointResult {
    const tracked = this.#tracked;
    const { name: path } = this.#names;
    if (this.#trouble !== undefined) return this.#fail("failed", this.#trouble);
    const pages = { ...this.#copied, pending: marked.map((row) => this.#copied.pfn[row]) };
    const { bytes, checksum } = this.#encoded;
    const failure = writeFileDurably(tracked.store, path, bytes);
    if (failure !== undefined) return this.#fail(failure.outcome, `${path} was not written: ${failure.errno}`);

    for (const pfn of pages.pending) tracked.dropPending(pfn);
    this.#beginning.committed({ sequence: this.#beginning.sequence, checksum, memory: tracked.memory, pages });
    const pagesSaved = pages.kind.filter((kind) => kind === "DATA").length;
    const byteCount = bytes.length;
    tracked.committed({ ...this.#names, pagesSaved, byteCount });
    const fullBytes = imageByteCount(this.#areas, runsOf(pages.vaddr, pages.content));
    return { kind: "committed", path, pagesSaved, byteCount, presentPages: this.#collected.presentPages, fullBytes };
  }

  #encode(): EncodedImage {
    const tracked = this.#tracked;
    const { pid, startBrk, brk } = tracked.space;
    const pages = this.#copied;
    const runs = runsOf(pages.vaddr, pages.kind);
    const { sequence, parent } = this.#beginning;
    const image = { sequence, parent, pid, checkCount: tracked.checkCount, startBrk, brk, areas: this.#areas, runs };
    const dataRows = rowsOf(pages, "DATA");
    return encodeImage(tracked.architecture, image, (index, target) => {
      const row = dataRows[index];
      tracked.saved(pages.vaddr[row], pages.pfn[row] * frameBytes);
      target.set(readRow(tracked, pages, row));
    });
  }

  /** Whether the page is still in its frame, with the bytes that the image has. */
  #isAsCopied(row: number): boolean {
    const pages = this.#copied;
    if (!isInPlace(this.#tracked, pages, row)) return false;
    const now = readRow(this.#tracked, pages, row);
    if (pages.kind[row] === "ZERO") return now.every((byte) => byte === 0);
    const dataRows = rowsOf(pages, "DATA");
    const { bytes } = this.#encoded;
    const at = bytes.length - checksumBytes - (dataRows.length - dataRows.indexOf(row)) * frameBytes;
    return firstDifference(now, bytes.subarray(at, at + frameBytes)) === -1;
  }

  #fail(kind: "failed" | "indeterminate", reason: string): CheckpointResult {
    this.#tracked.failed({ ...this.#names, reason });
    return { kind, path: this.#names.name, reason };
  }
}

function rowsOf({ kind }: CopiedPages, wanted: PageKind): readonly number[] {
  return kind.flatMap((found, row) => (found === wanted ? [row] : []));
}
