// The strategy `dirty-bit`: increments of the pages whose D was set, none of which a failure can lose.

import { frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { isFailure, lstat, readdir, writeFileDurably } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import type { CheckpointResult, Checkpointer, Strategy } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import { ImageChain } from "./image-chain.ts";
import { encodeImage, imageByteCount } from "./encode-image.ts";
import type { EncodedImage } from "./encode-image.ts";
import { imageFileName, sequenceOf } from "./image.ts";
import type { ParentImage } from "./image.ts";
import { collectPages, runsOf } from "./page-list.ts";
import type { CollectedPages, PageList } from "./page-list.ts";

/**
 * The program stands still; D is taken out of every entry into the mark `pending` of its frame, the TLB is flushed, and only
 * then are pages copied, into a file that appears whole or not at all. When it is committed the marks are dropped. When it
 * is not, nothing is done, and the next image holds those pages again.
 */
export const dirtyBit: Strategy = {
  name: "dirty-bit",
  claim: "correct",
  summary: "pages whose D was set: taken, flushed, then copied; kept until the file is durable",
  start: () => new DirtyBitCheckpointer(),
  rebuild: (architecture) => new ImageChain(architecture),
};

/** What the last committed image holds. Frames mean something in their own memory only. */
interface Parent extends ParentImage {
  readonly memory: PhysicalMemory;
  readonly pages: PageList;
}

class DirtyBitCheckpointer implements Checkpointer {
  #parent: Parent | undefined;
  /** Counts up after failures too, so that no two images ever share a name. */
  #nextSequence = 0;

  take(tracked: Tracked): CheckpointResult {
    const free = this.#freeSequence(tracked);
    const sequence = isFailure(free) ? this.#nextSequence : free;
    const path = imageFileName(tracked.space.pid, sequence);
    const names = { strategy: dirtyBit.name, name: path };
    tracked.begun(names);
    if (isFailure(free)) return failed(tracked, names, "failed", `the directory of checkpoints cannot be read: ${free.errno}`);
    this.#nextSequence = sequence + 1;

    const parent = this.#parent?.memory === tracked.memory ? this.#parent : undefined;
    const pages = collectPages(tracked, parent?.pages);
    const { bytes, checksum } = encode(tracked, sequence, parent, pages);
    const failure = writeFileDurably(tracked.store, path, bytes);
    if (failure !== undefined) return failed(tracked, names, failure.outcome, `${path} was not written: ${failure.errno}`);

    for (const pfn of pages.pending) tracked.dropPending(pfn);
    this.#parent = { sequence, checksum, memory: tracked.memory, pages };
    const pagesSaved = pages.kind.filter((kind) => kind === "DATA").length;
    const byteCount = bytes.length;
    tracked.committed({ ...names, pagesSaved, byteCount });
    const fullBytes = imageByteCount(tracked.space.areas, runsOf(pages.vaddr, pages.content));
    return { kind: "committed", path, pagesSaved, byteCount, presentPages: pages.presentPages, fullBytes };
  }

  /** The next sequence, if no image has it: at first, and where somebody else writes here too, one above all there are. */
  #freeSequence({ store, space }: Tracked): number | Failure {
    const next = this.#nextSequence;
    const standing = lstat(store, imageFileName(space.pid, next));
    if (this.#parent !== undefined && isFailure(standing) && standing.errno === "ENOENT") return next;
    const above = sequenceAbove(store);
    return isFailure(above) ? above : Math.max(next, above);
  }
}

/** A sequence above that of every image in the directory, damaged ones and other processes' among them. */
function sequenceAbove(store: Vfs): number | Failure {
  const entries = readdir(store, ".");
  if (isFailure(entries)) return entries;
  return entries.reduce((next, { name }) => Math.max(next, (sequenceOf(name) ?? -1) + 1), 0);
}

function encode(tracked: Tracked, sequence: number, parent: Parent | undefined, pages: CollectedPages): EncodedImage {
  const { pid, areas, startBrk, brk } = tracked.space;
  const runs = runsOf(pages.vaddr, pages.kind);
  const image = { sequence, parent, pid, checkCount: tracked.checkCount, startBrk, brk, areas, runs };
  const dataRows = pages.kind.flatMap((kind, row) => (kind === "DATA" ? [row] : []));
  return encodeImage(tracked.architecture, image, (index, target) => {
    const row = dataRows[index];
    const paddr = pages.pfn[row] * frameBytes;
    tracked.saved(pages.vaddr[row], paddr);
    tracked.memory.read(paddr, target);
  });
}

function failed(
  tracked: Tracked,
  names: { readonly strategy: string; readonly name: string },
  kind: "failed" | "indeterminate",
  reason: string,
): CheckpointResult {
  tracked.failed({ ...names, reason });
  return { kind, path: names.name, reason };
}
