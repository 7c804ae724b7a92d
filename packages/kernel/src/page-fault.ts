// The page-fault handler: demand zero, the zero frame, file pages, copy-on-write, swap, stack growth, and signals.

import { permissionOf } from "@pagelapse/checkpoint";
import { catalogue } from "@pagelapse/events";
import {
  clearEntry,
  ensureEntry,
  flagsOf,
  frameBehind,
  frameBytes,
  frameFlags,
  isSwapPte,
  makeEntry,
  pteNone,
  readEntry,
  referencesOf,
  swapPartner,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Access, Entry, EntryBits } from "@pagelapse/mmu";
import { VM_ACCESS_FLAGS, VM_SHARED, VM_SOFTDIRTY, VM_WRITE, findVma, growStack, prepareAnonVma } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { layoutOf } from "./address-layout.ts";
import type { Fault } from "./command.ts";
import type { Core } from "./core.ts";
import { flushPage } from "./flush.ts";
import { splitAround } from "./large-pages.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { cachedPage } from "./page-cache.ts";
import { pinsOf } from "./pins-of.ts";
import { giveUpSlot, swapIn } from "./swap-in.ts";

/*
 * What a fault on a page comes to, when the area allows the access:
 *
 *     entry      access  area              the page gets
 *     none       read    anonymous         the zero frame, read-only
 *     none       write   anonymous         a frame of zeros of its own
 *     none       read    file              the frame of the page cache, read-only
 *     none       write   file, private     a copy of it
 *     none       any     shared            the frame of the page cache
 *     swapped    any     anonymous         a frame with its bytes, from the swap cache or the device
 *     read-only  write   private           a copy, or its own frame back if nobody else has it
 *     read-only  write   shared            the same frame, writable
 *
 * Linux: `do_anonymous_page`, `do_read_fault`, `do_cow_fault`, `do_shared_fault`, `do_swap_page`, `do_wp_page` in mm/memory.c.
 */

/** Mends the entry of a page so that the access can go on, or says with which signal the program ends. */
export function handlePageFault(core: Core, vaddr: number, access: Access): Fault | undefined {
  const page = vaddr - (vaddr & (frameBytes - 1));
  const area = areaFor(core, vaddr);
  if (area === undefined) return fatal(core, vaddr, "unmapped");
  if (!allows(area, access)) return fatal(core, vaddr, "forbidden");
  if (access === "write" && (area.flags & VM_SHARED) === 0)
    for (const change of prepareAnonVma(core.task.areas, page)) core.happen(change);
  splitAround(core, page);
  const paddr = ensureEntry(core, core.task.root, page);
  if (paddr === undefined) throw new OutOfFrames(core.ramFrames);
  const kind = mend(core, area, page, paddr, access);
  core.log.detail(catalogue["page-faulted"].code, { access, kind }, vaddr);
  return undefined;
}

function mend(core: Core, area: Area, page: number, paddr: number, access: Access): string {
  const { architecture, ram } = core;
  const entry = readEntry(ram, architecture, paddr);
  if (pteNone(entry)) return fillPage(core, area, page, paddr, access);
  if (isSwapPte(architecture.bits, entry)) {
    swapIn(core, area, page, paddr, entry, access);
    return "swapped-in";
  }
  return makeWritable(core, area, page, paddr, hearOfWrite(core, page, paddr, entry));
}

/** The area of an address; a stack grows to take it in where it may. */
function areaFor(core: Core, vaddr: number): Area | undefined {
  const area = findVma(core.task.areas, vaddr);
  if (area !== undefined && area.start <= vaddr) return area;
  for (const change of growStack(core.task.areas, layoutOf(core), vaddr).changes) core.happen(change);
  const grown = findVma(core.task.areas, vaddr);
  return grown !== undefined && grown.start <= vaddr ? grown : undefined;
}

/** Linux's `access_error`: x86 can read whatever it can write or execute. */
function allows(area: Area, access: Access): boolean {
  return (area.flags & (access === "write" ? VM_WRITE : VM_ACCESS_FLAGS)) !== 0;
}

function fatal(core: Core, vaddr: number, reason: Fault["reason"]): Fault {
  core.log.detail(catalogue["page-faulted"].code, { kind: "SIGSEGV", reason }, vaddr);
  return { signal: "SIGSEGV", vaddr, reason };
}

/** What an entry has after a store: A, D, and with D soft-dirty (Linux's `pte_mkdirty` sets both). */
function stored(bits: EntryBits): number {
  return bits.accessed | bits.dirty | bits.softDirty;
}

/** The page had no frame. */
function fillPage(core: Core, area: Area, page: number, paddr: number, access: Access): string {
  const { bits } = core.architecture;
  const isShared = (area.flags & VM_SHARED) !== 0;
  const source = cachedPage(core, area, page);
  if (source === undefined && access === "read") {
    writeEntry(
      core,
      "entry-mapped",
      page,
      paddr,
      makeEntry(bits, zeroFrame(core.ram), permissionOf(area, "borrowed"), bits.accessed),
    );
    return "zero-frame";
  }
  if (source !== undefined && (access === "read" || isShared)) {
    core.frames.share(source);
    const permission = permissionOf(area, "borrowed");
    const write = permission.write && (access === "write" || isWritableUnheard(area));
    const history = access === "write" ? stored(bits) : bits.accessed;
    writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, source, { ...permission, write }, history));
    return "file-mapped";
  }
  const pfn = core.takeFrame();
  if (source === undefined) core.recorded.zeroFrame(page, pfn);
  else core.recorded.copyFrame(page, pfn, source);
  writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, pfn, permissionOf(area, "own"), stored(bits)));
  return source === undefined ? "demand-zero" : "file-copied";
}

/**
 * Whether a shared page that is only read gets W at once, so that no fault tells of the first store. Not a page of a file,
 * whose dirty pages are counted, nor while soft-dirty is being tracked: Linux's `vma_wants_writenotify`.
 */
function isWritableUnheard(area: Area): boolean {
  return area.file === undefined && (area.flags & VM_SOFTDIRTY) !== 0;
}

/** Userfaultfd's write protection, as with UFFD_FEATURE_WP_ASYNC: the store clears the mark, and nobody waits. */
function hearOfWrite(core: Core, page: number, paddr: number, entry: Entry): Entry {
  const { bits } = core.architecture;
  if ((entry.low & bits.uffdWp) === 0) return entry;
  const heard = { low: (entry.low & ~bits.uffdWp) >>> 0, high: entry.high };
  writeEntry(core, "writes-protected", page, paddr, heard);
  return heard;
}

/** The page has a frame, and may not be written through this entry yet. Linux: `do_wp_page`. */
function makeWritable(core: Core, area: Area, page: number, paddr: number, entry: Entry): string {
  const { architecture, frames, ram, recorded } = core;
  const { bits, levels } = architecture;
  const pfn = frameBehind(bits, levels[levels.length - 1], entry, page);
  const isZero = pfn === zeroFrame(ram);
  if ((area.flags & VM_SHARED) !== 0 || (!isZero && mayReuse(core, pfn))) {
    writeEntry(core, "entry-protected", page, paddr, makeEntry(bits, pfn, permissionOf(area, "own"), entry.low | stored(bits)));
    flushPage(core, page);
    giveUpSlot(core, pfn);
    return "made-writable";
  }
  const copy = core.takeFrame();
  if (isZero) recorded.zeroFrame(page, copy);
  else recorded.copyFrame(page, copy, pfn);
  clearEntry(core, page, paddr);
  flushPage(core, page);
  if (!isZero) frames.release(pfn);
  writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, copy, permissionOf(area, "own"), stored(bits)));
  return isZero ? "demand-zero" : "copy-on-write";
}

/** Whether a private page's frame is this entry's alone: Linux's `wp_can_reuse_anon_folio`. */
function mayReuse(core: Core, pfn: number): boolean {
  const { ram, rules } = core;
  if ((flagsOf(ram, pfn) & frameFlags.cache) !== 0) return false;
  const slot = swapPartner(ram, pfn);
  if (slot !== undefined && referencesOf(ram, slot) > 0) return false;
  const pins = rules.reuse === "sole-mapping" ? pinsOf(core, pfn) : 0;
  return referencesOf(ram, pfn) - pins === 1;
}
