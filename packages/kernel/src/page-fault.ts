// The page-fault handler: demand zero, the zero frame, file pages, copy-on-write, stack growth, and signals.

import { catalogue } from "@pagelapse/events";
import {
  clearEntry,
  ensureEntry,
  flagsOf,
  frameBytes,
  frameFlags,
  makeEntry,
  pteFrame,
  pteNone,
  ptePresent,
  readEntry,
  referencesOf,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Access, Entry, Permission } from "@pagelapse/mmu";
import { VM_ACCESS_FLAGS, VM_EXEC, VM_SHARED, VM_WRITE, findVma, growStack, prepareAnonVma } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { layoutOf } from "./address-layout.ts";
import type { Fault } from "./command.ts";
import type { Core } from "./core.ts";
import { flushPage } from "./flush.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { cachedPage } from "./page-cache.ts";

/*
 * What a fault on a page comes to, when the area allows the access:
 *
 *     entry      access  area              the page gets
 *     none       read    anonymous         the zero frame, read-only
 *     none       write   anonymous         a frame of zeros of its own
 *     none       read    file              the frame of the page cache, read-only if private
 *     none       write   file, private     a copy of it
 *     none       any     shared            the frame of the page cache
 *     read-only  write   private           a copy, or its own frame back if nobody else has it
 *     read-only  write   shared            the same frame, writable
 *
 * Linux: `do_anonymous_page`, `do_read_fault`, `do_cow_fault`, `do_shared_fault`, `do_wp_page` in mm/memory.c.
 */

/** Mends the entry of a page so that the access can go on, or says with which signal the program ends. */
export function handlePageFault(core: Core, vaddr: number, access: Access): Fault | undefined {
  const page = vaddr - (vaddr & (frameBytes - 1));
  const area = areaFor(core, vaddr);
  if (area === undefined) return fatal(core, vaddr, "unmapped");
  if (!allows(area, access)) return fatal(core, vaddr, "forbidden");
  if (access === "write" && (area.flags & VM_SHARED) === 0)
    for (const change of prepareAnonVma(core.task.areas, page)) core.happen(change);
  const paddr = ensureEntry(core, core.task.root, page);
  if (paddr === undefined) throw new OutOfFrames(core.ram.frameCount);
  const entry = readEntry(core.ram, core.architecture, paddr);
  const kind = pteNone(entry) ? fillPage(core, area, page, paddr, access) : makeWritable(core, area, page, paddr, entry);
  core.log.detail(catalogue["page-faulted"].code, { access, kind }, vaddr);
  return undefined;
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

/**
 * What an entry for a page of this area allows; a private page that is not the process's own is never writable. What may be
 * written or executed can be read: x86 knows no other way (Linux's `protection_map`).
 */
export function permissionOf(area: Area, ownership: "own" | "borrowed"): Permission {
  const isShared = (area.flags & VM_SHARED) !== 0;
  return {
    read: (area.flags & VM_ACCESS_FLAGS) !== 0,
    write: (area.flags & VM_WRITE) !== 0 && (ownership === "own" || isShared),
    execute: (area.flags & VM_EXEC) !== 0,
  };
}

function map(
  core: Core,
  area: Area,
  page: number,
  paddr: number,
  pfn: number,
  ownership: "own" | "borrowed",
  access: Access,
): void {
  const { bits } = core.architecture;
  const history = access === "write" ? bits.accessed | bits.dirty : bits.accessed;
  writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, pfn, permissionOf(area, ownership), history));
}

/** The page had no frame. */
function fillPage(core: Core, area: Area, page: number, paddr: number, access: Access): string {
  const source = cachedPage(core, area, page);
  if (source === undefined) {
    if (access === "read") {
      const zero = makeEntry(
        core.architecture.bits,
        zeroFrame(core.ram),
        permissionOf(area, "borrowed"),
        core.architecture.bits.accessed,
      );
      writeEntry(core, "entry-mapped", page, paddr, zero);
      return "zero-frame";
    }
    const pfn = core.takeFrame();
    core.recorded.zeroFrame(page, pfn);
    map(core, area, page, paddr, pfn, "own", access);
    return "demand-zero";
  }
  if (access === "write" && (area.flags & VM_SHARED) === 0) {
    const pfn = core.takeFrame();
    core.recorded.copyFrame(page, pfn, source);
    map(core, area, page, paddr, pfn, "own", access);
    return "file-copied";
  }
  core.frames.share(source);
  map(core, area, page, paddr, source, "borrowed", access);
  return "file-mapped";
}

/** The page has a frame, and may not be written through this entry yet. Linux: `do_wp_page`. */
function makeWritable(core: Core, area: Area, page: number, paddr: number, entry: Entry): string {
  const { architecture, frames, ram, recorded } = core;
  if (!ptePresent(architecture.bits, entry)) throw new Error(`entry at ${paddr} is neither none nor present`);
  const pfn = pteFrame(architecture.bits, entry);
  const isZero = pfn === zeroFrame(ram);
  const isOwn = !isZero && (flagsOf(ram, pfn) & frameFlags.cache) === 0 && referencesOf(ram, pfn) === 1;
  if (isOwn || (area.flags & VM_SHARED) !== 0) {
    const history = architecture.bits.accessed | architecture.bits.dirty;
    writeEntry(core, "entry-protected", page, paddr, makeEntry(architecture.bits, pfn, permissionOf(area, "own"), history));
    flushPage(core, page);
    return "made-writable";
  }
  const copy = core.takeFrame();
  if (isZero) recorded.zeroFrame(page, copy);
  else recorded.copyFrame(page, copy, pfn);
  clearEntry(core, page, paddr);
  flushPage(core, page);
  if (!isZero) frames.release(pfn);
  map(core, area, page, paddr, copy, "own", "write");
  return isZero ? "demand-zero" : "copy-on-write";
}
