// What a statement asks of the machine.

import type { Command } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import {
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_KEEPONFORK,
  MADV_WIPEONFORK,
  MAP_ANONYMOUS,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from "@pagelapse/vma";
import type { PlaceNames } from "./place-names.ts";
import type { Backing, Range, Statement, StatementOf } from "./scenario.ts";

/** MS_SYNC */
const synchronously = 4;

const advices = {
  dontneed: MADV_DONTNEED,
  free: MADV_FREE,
  dontfork: MADV_DONTFORK,
  dofork: MADV_DOFORK,
  wipeonfork: MADV_WIPEONFORK,
  keeponfork: MADV_KEEPONFORK,
  dontdump: MADV_DONTDUMP,
  dodump: MADV_DODUMP,
} as const;

/**
 * The command of a statement; `undefined` for one that asks nothing of the machine. `brk` is where the break is. Throws
 * `BadScenario` for a name or a page that is not there.
 */
export function commandOf(statement: Statement, names: PlaceNames, brk: number): Command | undefined {
  const call = callOf(statement, names, brk);
  if (call === undefined) return undefined;
  const processor = statement.processor === undefined ? {} : { processor: statement.processor };
  return { ...call, ...processor, ...(statement.flush === "omitted" ? { flush: "omitted" as const } : {}) };
}

function callOf(statement: Statement, names: PlaceNames, brk: number): Command | undefined {
  switch (statement.verb) {
    case "machine":
    case "fault":
    case "checkpoint":
    case "collect":
    case "clear":
    case "copy":
    case "commit":
    case "assert":
    case "expect":
      return undefined;
    case "file":
      return {
        kind: "provide-file",
        file: statement.at.file,
        offset: statement.at.page * frameBytes,
        bytes: pagesBeginningWith(statement.bytes),
      };
    case "map":
      return mapCall(statement, names);
    case "unmap":
      return { kind: "unmap-memory", ...names.rangeOf(statement.range) };
    case "protect":
      return { kind: "protect-memory", ...names.rangeOf(statement.range), prot: statement.prot };
    case "move": {
      const { start, byteCount } = names.rangeOf(statement.range);
      const to = names.startFor(statement.to, statement.where);
      return {
        kind: "move-memory",
        start,
        oldBytes: byteCount,
        newBytes: byteCount,
        flags: MREMAP_MAYMOVE | MREMAP_FIXED,
        to,
      };
    }
    case "dontneed":
    case "free":
    case "dontfork":
    case "dofork":
    case "wipeonfork":
    case "keeponfork":
    case "dontdump":
    case "dodump":
      return { kind: "advise-memory", ...names.rangeOf(statement.range), advice: advices[statement.verb] };
    case "brk":
      return { kind: "move-break", address: brk + statement.pages * frameBytes };
    case "msync":
      return { kind: "sync-memory", ...names.rangeOf(statement.range), flags: synchronously };
    case "writeback":
      return { kind: "write-back", file: statement.file };
    case "w":
      return { kind: "store", vaddr: names.addressOf(statement.address), bytes: Uint8Array.from(statement.bytes) };
    case "r":
      return { kind: "load", vaddr: names.addressOf(statement.address), byteCount: 1 };
    case "kw":
      return { kind: "kernel-store", vaddr: names.addressOf(statement.address), bytes: Uint8Array.from(statement.bytes) };
    case "pin":
      return { kind: "pin-page", name: statement.pin.text, vaddr: names.addressOf(statement.address) };
    case "unpin":
      return { kind: "unpin-page", name: statement.pin.text };
    case "dev":
      return {
        kind: "device-store",
        name: statement.at.pin.text,
        offset: statement.at.offset,
        bytes: Uint8Array.from(statement.bytes),
      };
    case "fork":
      return { kind: "fork-task", pid: statement.pid };
    case "exit":
      return { kind: "exit-task" };
    case "switch":
      return { kind: "switch-task", pid: statement.pid };
    case "swapout":
      return { kind: "reclaim-page", vaddr: names.addressOf(statement.address) };
    case "migrate":
      return { kind: "migrate-page", vaddr: names.addressOf(statement.address) };
    case "collapse":
      return { kind: "collapse-pages", vaddr: names.addressOf(statement.address) };
    case "split":
      return { kind: "split-page", vaddr: names.addressOf(statement.address) };
    case "clear-refs":
      return { kind: "clear-soft-dirty" };
    case "wp":
      return { kind: "protect-writes", ...names.rangeOf(statement.range), mode: statement.mode };
    case "log":
      return statement.what === "take" ? { kind: "take-dirty-log" } : { kind: "start-dirty-log", capacity: statement.what };
    case "flush":
      return typeof statement.what === "string"
        ? { kind: "flush-tlb", scope: statement.what, vaddr: 0 }
        : { kind: "flush-tlb", scope: "page", vaddr: names.addressOf(statement.what) };
  }
}

/** A page for each byte, which it begins with; the rest of it is zero. */
function pagesBeginningWith(bytes: readonly number[]): Uint8Array {
  const pages = new Uint8Array(bytes.length * frameBytes);
  bytes.forEach((byte, page) => (pages[page * frameBytes] = byte));
  return pages;
}

/** What lies where the area is to be stays: EEXIST. */
function mapCall({ name, pageCount, prot, backing, where }: StatementOf<"map">, names: PlaceNames): Command {
  const start = names.startFor(name, where);
  const range = { kind: "map-memory", start, byteCount: pageCount * frameBytes, prot } as const;
  const flags = MAP_FIXED_NOREPLACE | flagsOf(backing.kind);
  if (!("from" in backing)) return { ...range, flags };
  names.checkFile(backing.from);
  return { ...range, flags, file: backing.from.file, offset: backing.from.page * frameBytes };
}

function flagsOf(kind: Backing["kind"]): number {
  if (kind === "file-private") return MAP_PRIVATE;
  if (kind === "file-shared") return MAP_SHARED;
  if (kind === "anon-shared") return MAP_SHARED | MAP_ANONYMOUS;
  return MAP_PRIVATE | MAP_ANONYMOUS | (kind === "stack" ? MAP_GROWSDOWN : 0);
}

/** The machine did what a statement asked: what it named is there now. */
export function nameWhatCame(
  statement: Statement,
  names: PlaceNames,
  brk: { readonly start: number; readonly now: number },
): void {
  if (statement.verb === "map") {
    const { name, pageCount, backing, where } = statement;
    names.place(name, names.startFor(name, where), pageCount, backing.kind === "stack" ? "stack" : "other");
  } else if (statement.verb === "move") {
    const { to, range, where } = statement;
    names.place(to, names.startFor(to, where), pagesOf(range, names), "other");
  } else if (statement.verb === "file") {
    names.giveFile(statement.at.file);
  } else if (statement.verb === "brk") {
    names.placeHeap((brk.now - brk.start) / frameBytes);
  }
}

function pagesOf(range: Range, names: PlaceNames): number {
  return names.rangeOf(range).byteCount / frameBytes;
}
