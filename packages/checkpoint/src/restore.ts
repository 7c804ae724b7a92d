// Memory brought back: pages in frames, tables that lead to them, and a process to look at.

import { EventLog } from "@pagelapse/events";
import { FrameTable, Ram, RecordedRam, allocateTable, ensureEntry, frameBytes, makeEntry, writeEntry } from "@pagelapse/mmu";
import type { Architecture, TableMemory } from "@pagelapse/mmu";
import { VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_WRITE, areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { AddressSpace, MappedFiles, ProcessView } from "./address-space.ts";
import type { MemoryImage } from "./memory-image.ts";
import { permissionOf } from "./permission-of.ts";

/** What an image is restored into. */
export interface RestoreOptions {
  readonly architecture: Architecture;
  /** Frames of the fresh RAM. */
  readonly frameCount: number;
  /** Where untouched pages of mapped files get their bytes. */
  readonly files: MappedFiles;
}

/** A fresh machine's memory with one process in it, which ran nothing yet. */
export interface RestoredProcess extends ProcessView {
  readonly memory: Ram;
}

/** Restores an image into a RAM of its own. Throws a `RangeError` when that has too few frames. */
export function restore(image: MemoryImage, options: RestoreOptions): RestoredProcess {
  const { architecture, frameCount, files } = options;
  const recorded = new RecordedRam(new Ram(frameCount), new EventLog());
  const memory = { architecture, recorded, frames: new FrameTable(recorded) };
  const root = allocateTable(memory, 0);
  const space = addressSpaceOf(image, root ?? 0);
  if (root === undefined || placePages(memory, root, space.areas, image.pages) === "out-of-frames") {
    throw new RangeError(`${frameCount} frames are too few for ${image.pages.size} pages and their tables`);
  }
  return { architecture, memory: recorded.ram, space, files, cached: [] };
}

/**
 * Puts pages into frames of their own and maps them below `root`, an empty table, each as its area allows. A, D and soft-dirty are set:
 * the pages were written. Every change is an event. `out-of-frames`: some pages are there, and it is no process. Throws a
 * `RangeError` for a page outside of all areas.
 */
export function placePages(
  memory: TableMemory,
  root: number,
  areas: readonly Area[],
  pages: ReadonlyMap<number, Uint8Array>,
): "placed" | "out-of-frames" {
  const { bits } = memory.architecture;
  const history = bits.accessed | bits.dirty | bits.softDirty;
  for (const [vaddr, bytes] of pages) {
    const area = areaAt(areas, vaddr);
    if (area === undefined) throw new RangeError(`page ${vaddr} of the image lies in none of its areas`);
    const paddr = ensureEntry(memory, root, vaddr);
    const pfn = paddr === undefined ? undefined : memory.frames.allocate();
    if (paddr === undefined || pfn === undefined) return "out-of-frames";
    memory.recorded.bytes("frame-filled", vaddr, pfn * frameBytes, bytes);
    writeEntry(memory, "entry-mapped", vaddr, paddr, makeEntry(bits, pfn, permissionOf(area, "own"), history));
  }
  return "placed";
}

/** The address space of a restored process. What the image does not say is 0. */
export function addressSpaceOf(image: MemoryImage, root: number): AddressSpace {
  return { pid: image.pid ?? 0, root, areas: areasOf(image), startBrk: image.startBrk ?? 0, brk: image.brk ?? 0 };
}

/** The image's areas; where it has none, every run of pages is taken for private memory that can be read and written. */
function areasOf(image: MemoryImage): readonly Area[] {
  if (image.areas !== undefined) return image.areas;
  const areas: Area[] = [];
  for (const start of [...image.pages.keys()].toSorted((a, b) => a - b)) {
    const last = areas.at(-1);
    if (last?.end === start) areas[areas.length - 1] = { ...last, end: start + frameBytes };
    else areas.push({ ...inferred, start, end: start + frameBytes, offset: start });
  }
  return areas;
}

const inferred = {
  flags: VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
  file: undefined,
  name: "",
  object: undefined,
  anonVma: undefined,
} as const;
