// Physical memory in a file: raw, of which only the frames asked for are read, or words as a debugger printed them.

import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { BadWordDump, DumpMemory, frameBytes, keptFrames, parseWordDump } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { printable } from "../printable.ts";
import { formatCount } from "../quantity.ts";
import { Refusal, refusal, systemRefusal } from "../refusal.ts";

/** An open dump. */
export interface DumpFile {
  /** Reading a frame that the dump has not throws `AbsentFrame`, a disk that fails a `Refusal`. */
  readonly memory: PhysicalMemory;
  close(): void;
}

const anyDump = "raw physical memory, or words as QEMU's xp and gdb's x print them";

/** Text is read whole: so many bytes hold about 5,000 tables. */
const textLimit = 2 ** 26;

/** What other formats begin with. Their frames do not stand where their addresses are. */
const otherFormats = [
  ["\u007fELF", "an ELF file"],
  ["\u001f\u008b", "gzip"],
  ["KDUMP   ", "a kdump file"],
  ["EMiL", "a LiME file"],
] as const;

/** Opens a dump, and knows by its first bytes what it is. Throws a `Refusal` for what is none. */
export function openDumpFile(path: string): DumpFile {
  // Opening a pipe would wait for whoever is to write into it.
  if (!fromHost(path, () => statSync(path)).isFile()) throw refusal(path, anyDump, "no regular file");
  const descriptor = fromHost(path, () => openSync(path, "r"));
  const close = (): void => closeSync(descriptor);
  try {
    return { memory: memoryIn(path, descriptor), close };
  } catch (reason) {
    close();
    throw reason;
  }
}

function memoryIn(path: string, descriptor: number): PhysicalMemory {
  const { size } = fromHost(path, () => fstatSync(descriptor));
  const begins = readFrame(path, descriptor, 0);
  const other = otherFormats.find(([magic]) => begins.subarray(0, magic.length).equals(Buffer.from(magic, "latin1")));
  if (size === 0 || other !== undefined) throw refusal(path, anyDump, other?.[1] ?? "nothing");
  if (isText(begins)) return textMemory(path, descriptor, size);
  if (size % frameBytes !== 0) throw refusal(path, `${anyDump}: whole frames of ${frameBytes} bytes`, bytes(size));
  return new DumpMemory(size / frameBytes, (pfn) => {
    const frame = pfn < size / frameBytes ? readFrame(path, descriptor, pfn) : undefined;
    return frame?.length === frameBytes ? frame : undefined;
  });
}

function textMemory(path: string, descriptor: number, size: number): PhysicalMemory {
  if (size > textLimit) throw refusal(path, `text of at most ${bytes(textLimit)}`, bytes(size));
  try {
    return keptFrames(parseWordDump(fromHost(path, () => readFileSync(descriptor, "utf8"))));
  } catch (reason) {
    if (!(reason instanceof BadWordDump)) throw reason;
    const { line, expected, found } = reason;
    throw new Refusal(printable(`${path}: line ${line}: expected ${expected}, found ${found}`));
  }
}

/** The bytes of a frame, fewer where the file ends. */
function readFrame(path: string, descriptor: number, pfn: number): Buffer {
  const frame = Buffer.alloc(frameBytes);
  return frame.subarray(
    0,
    fromHost(path, () => readSync(descriptor, frame, 0, frameBytes, pfn * frameBytes)),
  );
}

/** Memory begins with a byte or other that no text has. */
function isText(begins: Uint8Array): boolean {
  return begins.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

function fromHost<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    throw systemRefusal(path, anyDump, reason) ?? reason;
  }
}

function bytes(count: number): string {
  return `${formatCount(count)} bytes`;
}
