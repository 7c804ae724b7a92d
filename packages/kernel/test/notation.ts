// A notation for what programs and the world do, so that an example is a line.

import { Machine } from "@pagelapse/kernel";
import type { Command, MachineOptions, Result } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import {
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_WIPEONFORK,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_LOCKED,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from "@pagelapse/vma";

/** Page 0 of every example: page 4 is the first of another last-level table, on every architecture. */
const base = 0x3f_c000;

/** Address of a page of the examples. */
export function at(page: number, offset = 0): number {
  return base + page * frameBytes + offset;
}

/** A machine for examples: small, so that frames are given out again; file `f` holds a0, a1, a2 in its three pages. */
export function machineFor(options: MachineOptions = {}): Machine {
  const machine = new Machine({ frameCount: 64, tlb: { sets: 2, ways: 2 }, ...options });
  for (let page = 0; page < 3; page++) {
    machine.execute({
      kind: "provide-file",
      file: "f",
      offset: page * frameBytes,
      bytes: new Uint8Array(frameBytes).fill(0xa0 + page),
    });
  }
  return machine;
}

/*
 * Steps, separated by `;`. Pages are `3` or `3-5`; a place is `3` or `3+4088`; bytes are hexadecimal, `00*9` nine times 00.
 * `cpu1:` before a step says which processor takes it, `noflush` behind it that no TLB is told.
 *
 *     map 0-2 rw-            also: map 0 rw- file 1, map 0 rw- shared, map 0 r-- file 0 shared, map 8 rw- stack, map 0 rw- locked
 *     unmap 0-1              protect 0 r--         discard 0        free 0       advise 0 dontfork (or wipeonfork)
 *     move 0-1 to 4          leave 0 to 4 (MREMAP_DONTUNMAP)        resize 0-1 to 3 (pages)
 *     store 0+8 0102         kernel 0+8 0102       load 0+4092 8
 *     fork                   fork 7 (its pid)      exit             switch 7
 *     reclaim 0              migrate 0             split 0          collapse 0
 *     pin 0 disk             unpin disk            device disk+8 0102
 *     sync 0-2 4 (MS_SYNC)   writeback             flush 0          flush space      flush processor
 *     clear soft-dirty       guard 0-1             unguard 0-1      log 2 (room)     take log
 */
const step = /^(?:cpu(\d): )?(\w+)(?: (?!noflush$)(.*?))?( noflush)?$/;
const place = /^(\d+)(?:-(\d+))?(?:\+(\d+))?(?: (.*))?$/;

/** Takes every step; says what became of the last: `done`, an errno, or the fault. */
export function run(machine: Machine, program: string): string {
  let result: Result = { kind: "done", value: 0 };
  for (const text of program.split(";")) result = machine.execute(commandOf(text.trim()));
  return outcome(result);
}

function outcome(result: Result): string {
  if (result.kind === "done") return "done";
  if (result.kind === "failed") return result.errno;
  const { signal, vaddr, reason } = result.fault;
  const inPage = vaddr & (frameBytes - 1);
  return `${signal} ${(vaddr - inPage - base) / frameBytes}+${inPage} ${reason}`;
}

function commandOf(text: string): Command {
  const [, processor, verb, rest = "", noflush] = step.exec(text) ?? [];
  if (verb === undefined) throw new Error(`no step: ${text}`);
  return {
    ...(commandAt(verb, rest) ?? commandAnywhere(verb, rest)),
    ...(processor === undefined ? {} : { processor: Number(processor) }),
    ...(noflush === undefined ? {} : { flush: "omitted" }),
  };
}

/** A step that begins with a place. */
function commandAt(verb: string, text: string): Command | undefined {
  const [, first, last = first, offset = "0", rest = ""] = place.exec(text) ?? [];
  if (first === undefined) return undefined;
  const start = at(Number(first));
  const byteCount = (Number(last) - Number(first) + 1) * frameBytes;
  const vaddr = start + Number(offset);
  const to = at(Number(rest.replace("to ", "")));
  const flags = MREMAP_MAYMOVE | MREMAP_FIXED;
  switch (verb) {
    case "map":
      return { kind: "map-memory", start, byteCount, ...mapping(rest) };
    case "unmap":
      return { kind: "unmap-memory", start, byteCount };
    case "protect":
      return { kind: "protect-memory", start, byteCount, prot: protOf(rest) };
    case "discard":
      return { kind: "advise-memory", start, byteCount, advice: MADV_DONTNEED };
    case "free":
      return { kind: "advise-memory", start, byteCount, advice: MADV_FREE };
    case "advise":
      return { kind: "advise-memory", start, byteCount, advice: rest === "dontfork" ? MADV_DONTFORK : MADV_WIPEONFORK };
    case "move":
      return { kind: "move-memory", start, oldBytes: byteCount, newBytes: byteCount, flags, to };
    case "leave":
      return { kind: "move-memory", start, oldBytes: byteCount, newBytes: byteCount, flags: flags | MREMAP_DONTUNMAP, to };
    case "resize":
      return { kind: "move-memory", start, oldBytes: byteCount, newBytes: to - base, flags: 0, to: 0 };
    case "store":
      return { kind: "store", vaddr, bytes: bytesOf(rest) };
    case "kernel":
      return { kind: "kernel-store", vaddr, bytes: bytesOf(rest) };
    case "load":
      return { kind: "load", vaddr, byteCount: Number(rest === "" ? "1" : rest) };
    case "reclaim":
      return { kind: "reclaim-page", vaddr };
    case "migrate":
      return { kind: "migrate-page", vaddr };
    case "split":
      return { kind: "split-page", vaddr };
    case "collapse":
      return { kind: "collapse-pages", vaddr };
    case "pin":
      return { kind: "pin-page", name: rest, vaddr };
    case "sync":
      return { kind: "sync-memory", start: vaddr, byteCount, flags: Number(rest) };
    case "flush":
      return { kind: "flush-tlb", scope: "page", vaddr };
    case "guard":
    case "unguard":
      return { kind: "protect-writes", start: vaddr, byteCount, mode: verb === "guard" ? "on" : "off" };
    default:
      return undefined;
  }
}

function commandAnywhere(verb: string, rest: string): Command {
  const [name, bytes = ""] = rest.split(" ");
  switch (`${verb} ${rest}`) {
    case "fork ":
      return { kind: "fork-task" };
    case "exit ":
      return { kind: "exit-task" };
    case "writeback ":
      return { kind: "write-back", file: "f" };
    case "clear soft-dirty":
      return { kind: "clear-soft-dirty" };
    case "take log":
      return { kind: "take-dirty-log" };
    case "flush space":
      return { kind: "flush-tlb", scope: "space", vaddr: 0 };
    case "flush processor":
      return { kind: "flush-tlb", scope: "processor", vaddr: 0 };
  }
  switch (verb) {
    case "fork":
      return { kind: "fork-task", pid: Number(rest) };
    case "switch":
      return { kind: "switch-task", pid: Number(rest) };
    case "unpin":
      return { kind: "unpin-page", name: rest };
    case "device":
      return { kind: "device-store", name: name.split("+")[0], offset: Number(name.split("+")[1] ?? 0), bytes: bytesOf(bytes) };
    case "log":
      return { kind: "start-dirty-log", capacity: Number(rest) };
    default:
      throw new Error(`no step: ${verb} ${rest}`);
  }
}

function mapping(text: string): { prot: number; flags: number; file?: string; offset?: number } {
  const [prot, ...words] = text.split(" ");
  const sharing = words.includes("shared") ? MAP_SHARED : MAP_PRIVATE;
  const others = (words.includes("stack") ? MAP_GROWSDOWN : 0) | (words.includes("locked") ? MAP_LOCKED : 0);
  if (!words.includes("file")) return { prot: protOf(prot), flags: MAP_FIXED | MAP_ANONYMOUS | sharing | others };
  return { prot: protOf(prot), flags: MAP_FIXED | sharing | others, file: "f", offset: Number(words[1]) * frameBytes };
}

function protOf(text: string): number {
  return (text.includes("r") ? 1 : 0) + (text.includes("w") ? 2 : 0) + (text.includes("x") ? 4 : 0);
}

function bytesOf(text: string): Uint8Array {
  const [, hex, times] = /^([0-9a-f]+)(?:\*(\d+))?$/.exec(text) ?? [];
  if (hex === undefined) throw new Error(`no bytes: ${text}`);
  return new Uint8Array(Buffer.from(hex.repeat(Number(times ?? 1)), "hex"));
}
