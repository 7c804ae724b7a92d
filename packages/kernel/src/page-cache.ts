// The page cache filled: pages of files and of shared memory brought into frames, found through a tree of frames for each.

import { cachePlace, cachedFrame, placeAt, treeOf } from "@pagelapse/checkpoint";
import type { CachePlace, CachedObject, ObjectPage } from "@pagelapse/checkpoint";
import {
  ensureEntry,
  flagsOf,
  frameBytes,
  frameFlags,
  freeTables,
  makeEntry,
  none,
  pteFrame,
  visitEntries,
  writeEntry,
} from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import type { Core } from "./core.ts";
import { OutOfFrames } from "./out-of-frames.ts";

const permission = { read: true, write: false, execute: false } as const;
const page = new Uint8Array(frameBytes);

/**
 * The frame that holds what the area maps at `vaddr` (a page's address), read in where it lacks: a file's bytes, or zeros for
 * shared anonymous memory. The cache keeps one reference. `undefined`: private anonymous memory, which the cache knows nothing of.
 */
export function cachedPage(core: Core, area: Area, vaddr: number): number | undefined {
  const place = cachePlace(core.architecture, area, vaddr);
  return place === undefined ? undefined : (cachedFrame(core, place) ?? readIn(core, place));
}

/** The frame of a page of a file or of shared anonymous memory, read in where it lacks. */
export function cachedPageAt(core: Core, page: ObjectPage): number {
  const place = placeAt(core.architecture, page);
  return cachedFrame(core, place) ?? readIn(core, place);
}

/** The frame that the cache has already for what the area maps at `vaddr`. */
export function cachedFrameAt(core: Core, area: Area, vaddr: number): number | undefined {
  const place = cachePlace(core.architecture, area, vaddr);
  return place === undefined ? undefined : cachedFrame(core, place);
}

/** A page of a file in the cache: where its entry stands, and what it is a page of. */
interface FilePage {
  readonly file: string;
  readonly offset: number;
  readonly paddr: number;
}

/** Where the cache has a frame; nowhere, for one of shared anonymous memory. Every tree of a file is looked through. */
export function placesOf(core: Core, pfn: number): readonly FilePage[] {
  const { architecture, ram } = core;
  const [{ span, entryCount }] = architecture.levels;
  return core.cached.flatMap(({ file, base, root }) => {
    const found: FilePage[] = [];
    if (file === undefined) return found;
    visitEntries(ram, architecture, root, 0, span * entryCount, (address, paddr, entry) => {
      if (pteFrame(architecture.bits, entry) === pfn) found.push({ file, offset: base + address, paddr });
    });
    return found;
  });
}

/** The cache gives a page of a file up. */
export function uncache(core: Core, pfn: number): void {
  for (const { paddr } of placesOf(core, pfn)) {
    writeEntry(core, "page-uncached", 0, paddr, none);
    core.frames.release(pfn);
  }
}

/** Writes bytes into a file of the machine's own, and as write(2) into those of its pages that are cached. */
export function writeFile(core: Core, file: string, offset: number, bytes: Uint8Array): void {
  core.files.provide(file, offset, bytes);
  noteProvided(core, file, offset, bytes);
  for (let done = 0; done < bytes.length;) {
    const inPage = (offset + done) & (frameBytes - 1);
    const count = Math.min(bytes.length - done, frameBytes - inPage);
    const place = placeAt(core.architecture, { file, object: undefined, offset: offset + done - inPage });
    const pfn = cachedFrame(core, place);
    if (pfn !== undefined) {
      core.recorded.bytes("frame-filled", 0, pfn * frameBytes + inPage, bytes.subarray(done, done + count));
      markWritten(core, pfn);
    }
    done += count;
  }
}

/** Says so, a page's worth at a time; a file that received no byte exists from now on, too. */
function noteProvided({ log }: Core, file: string, offset: number, bytes: Uint8Array): void {
  let done = 0;
  do {
    log.file("file-provided", { file, offset: offset + done }, bytes.subarray(done, done + frameBytes));
    done += frameBytes;
  } while (done < bytes.length);
}

/** Notes that a frame was written and no entry's D will say so: for reclaim, and for a checkpoint to come. */
export function markWritten(core: Core, pfn: number): void {
  core.frames.setFlags(pfn, flagsOf(core.ram, pfn) | frameFlags.dirty | frameFlags.pending);
}

/** Gives up shared anonymous memory that no living task maps any more: it has no name by which it could be found again. */
export function dropObjects(core: Core): void {
  for (const object of core.cached) {
    if (object.object === undefined) continue;
    const isMapped = core.state.tasks.some(({ areas }) => areas.some((area) => area.object === object.object));
    if (!isMapped) dropTree(core, object);
  }
}

function dropTree(core: Core, object: CachedObject): void {
  const { architecture, frames, ram } = core;
  const [{ span, entryCount }] = architecture.levels;
  visitEntries(ram, architecture, object.root, 0, span * entryCount, (_, paddr, entry) => {
    writeEntry(core, "page-uncached", 0, paddr, none);
    frames.release(pteFrame(architecture.bits, entry));
  });
  freeTables(core, object.root, 0, span * entryCount);
  frames.release(object.root / frameBytes);
  core.happen({ kind: "object-dropped", object });
}

function readIn(core: Core, place: CachePlace): number {
  const paddr = ensureEntry(core, treeOf(core, place) ?? plantTree(core, place), place.address);
  if (paddr === undefined) throw new OutOfFrames(core.ramFrames);
  const pfn = core.takeFrame();
  if (place.file === undefined) {
    core.recorded.zeroFrame(0, pfn);
  } else {
    core.files.read(place.file, place.base + place.address, page);
    core.recorded.bytes("frame-filled", 0, pfn * frameBytes, page);
  }
  core.frames.setFlags(pfn, frameFlags.cache);
  writeEntry(core, "page-cached", 0, paddr, makeEntry(core.architecture.bits, pfn, permission, 0));
  return pfn;
}

function plantTree(core: Core, { file, object, base }: CachePlace): number {
  const pfn = core.takeFrame();
  core.recorded.zeroFrame(0, pfn);
  core.happen({ kind: "object-cached", object: { file, object, base, root: pfn * frameBytes } });
  return pfn * frameBytes;
}
