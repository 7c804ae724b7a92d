// Cores read by the rules of ELF: every byte of every page stands where the program headers say.

import type { MappedFiles, MemoryImage } from "@pagelapse/checkpoint";
import { architectures, i386, sv39, x86_64 } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { VM_DONTDUMP, VM_EXEC, VM_MAYREAD, VM_READ, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { expect, test } from "vitest";
import { buildCore } from "./built.ts";

/** A segment as its program header has it. */
interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** The program headers of a core, 64 or 32 bits. */
function segmentsOf(bytes: Uint8Array): { readonly machine: number; readonly segments: readonly Segment[] } {
  const view = new DataView(bytes.buffer);
  expect([...bytes.subarray(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
  const is64 = bytes[4] === 2;
  const word = (at: number): number => (is64 ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true));
  expect(view.getUint16(16, true)).toBe(4);
  const first = word(is64 ? 32 : 28);
  const [entryBytes, inHeader] = [view.getUint16(is64 ? 54 : 42, true), view.getUint16(is64 ? 56 : 44, true)];
  const count = inHeader === 0xffff ? view.getUint32(word(is64 ? 40 : 32) + (is64 ? 44 : 28), true) : inHeader;
  const fields = is64 ? [4, 8, 16, 32, 40] : [24, 4, 8, 16, 20];
  const segments = Array.from({ length: count }, (_, index): Segment => {
    const at = first + index * entryBytes;
    const [flags, offset, vaddr, fileSize, memorySize] = fields.map((field) => at + field);
    return {
      type: view.getUint32(at, true),
      flags: view.getUint32(flags, true),
      offset: word(offset),
      vaddr: word(vaddr),
      fileSize: word(fileSize),
      memorySize: word(memorySize),
    };
  });
  return { machine: view.getUint16(18, true), segments };
}

const unknown: MappedFiles = { read: () => "unknown" };
const plain = { file: undefined, name: "", object: undefined, anonVma: undefined } as const;

function areaAt(start: number, pageCount: number, rest: Partial<Area> = {}): Area {
  return { ...plain, start, end: start + pageCount * 4096, offset: start, flags: VM_READ | VM_WRITE | VM_MAYREAD, ...rest };
}

function imageOf(areas: readonly Area[], pages: Readonly<Record<number, number>>, leavesOut = 0): MemoryImage {
  const filled = Object.entries(pages).map(([address, byte]) => [Number(address), new Uint8Array(4096).fill(byte)] as const);
  return { pid: 77, parentPid: 5, startBrk: 0, brk: 0, checkCount: 1, areas, leavesOut, pages: new Map(filled) };
}

/** The segments with memory, in a line each: `10000+3 rw: 7 0 8`, a byte of each page; `?` without bytes. */
function told(bytes: Uint8Array): readonly string[] {
  return segmentsOf(bytes)
    .segments.filter(({ type }) => type === 1)
    .map(({ flags, offset, vaddr, fileSize, memorySize }) => {
      expect([0, memorySize]).toContain(fileSize);
      const rights = `${(flags & 4) === 0 ? "-" : "r"}${(flags & 2) === 0 ? "-" : "w"}${(flags & 1) === 0 ? "-" : "x"}`;
      const pages = Array.from({ length: fileSize / 4096 }, (_, page) => {
        const at = offset + page * 4096;
        expect(new Set(bytes.subarray(at, at + 4096)).size).toBe(1);
        return bytes[at];
      });
      return `${vaddr.toString(16)}+${memorySize / 4096} ${rights}: ${fileSize === 0 ? "?" : pages.join(" ")}`;
    });
}

test("each area is a segment, its untouched pages zeros; of a file only the pages that are known have bytes", () => {
  const areas = [
    areaAt(0x10000, 3),
    areaAt(0x20000, 4, { file: "/lib", name: "/lib", offset: 0, flags: VM_READ | VM_EXEC }),
    areaAt(0x40000, 1),
  ];
  const { bytes } = buildCore(imageOf(areas, { 0x10000: 7, 0x12000: 8, 0x21000: 9, 0x22000: 1 }), {
    architecture: x86_64,
    files: unknown,
  });
  expect(told(bytes)).toEqual(["10000+3 rw-: 7 0 8", "20000+1 r-x: ?", "21000+2 r-x: 9 1", "23000+1 r-x: ?", "40000+1 rw-: 0"]);
});

test("of a file whose bytes are known all pages have bytes, and of an area that was left out none", () => {
  const files: MappedFiles = {
    read(_, offset, target) {
      target.fill(offset / 4096 + 1);
      return "known";
    },
  };
  const areas = [
    areaAt(0x20000, 3, { file: "/lib", name: "/lib", offset: 4096, flags: VM_READ }),
    areaAt(0x30000, 2, { flags: VM_READ | VM_DONTDUMP }),
  ];
  const { bytes } = buildCore(imageOf(areas, { 0x21000: 9 }, VM_DONTDUMP), { architecture: x86_64, files });
  expect(told(bytes)).toEqual(["20000+3 r--: 2 9 4", "30000+2 r--: ?"]);
});

test.each(architectures.map((architecture) => [architecture.name, architecture] as const))(
  "a core of %s says its processor, its class and whose it is",
  (_, architecture: Architecture) => {
    const { bytes } = buildCore(imageOf([areaAt(0x10000, 1)], { 0x10000: 7 }), { architecture, files: unknown });
    const { machine, segments } = segmentsOf(bytes);
    expect(machine).toBe(
      architecture === sv39 ? 243 : architecture.entryBytes === 4 || architecture.name === "i386-pae" ? 3 : 62,
    );
    expect(bytes[4]).toBe(machine === 3 ? 1 : 2);
    const [notes] = segments;
    const text = new TextDecoder("latin1").decode(bytes.subarray(notes.offset, notes.offset + notes.fileSize));
    expect(notes.type).toBe(4);
    expect(text).toContain("Registers are not recorded");
    const pids = new Uint32Array(bytes.slice(notes.offset, notes.offset + 120).buffer);
    expect(pids).toContain(77);
    expect(told(bytes)).toEqual(["10000+1 rw-: 7"]);
  },
);

test("more segments than a program header can count are counted in a section", () => {
  const areas = Array.from({ length: 70_000 }, (_, index) => areaAt(0x10000 + index * 8192, 1));
  const { bytes } = buildCore(imageOf(areas, { 0x10000: 1, [0x10000 + 69_999 * 8192]: 2 }), {
    architecture: x86_64,
    files: unknown,
  });
  const { segments } = segmentsOf(bytes);
  expect(segments).toHaveLength(70_001);
  const last = segments[segments.length - 1];
  expect([last.vaddr, bytes[last.offset]]).toEqual([0x10000 + 69_999 * 8192, 2]);
});

test("zeros take no piece, and pieces are a mebibyte at most", () => {
  const pages = Object.fromEntries(
    Array.from({ length: 600 }, (_, page) => [0x100000 + page * 4096, page % 300 === 299 ? 0 : 1]),
  );
  const { pieces } = buildCore(imageOf([areaAt(0x100000, 600)], pages), { architecture: x86_64, files: unknown });
  expect(pieces.filter(({ byteCount }) => byteCount === 2 ** 20).length).toBeGreaterThan(0);
  expect(pieces.reduce((sum, { byteCount }) => sum + byteCount, 0)).toBeLessThan(599 * 4096);
});

test("what cannot be is not written: a page in no area, more than 32 bits can say", () => {
  const stray = imageOf([areaAt(0x10000, 1)], { 0x20000: 1 });
  expect(() => buildCore(stray, { architecture: x86_64, files: unknown })).toThrow("lies in none of its areas");
  const huge = imageOf([areaAt(0x1000, 2 ** 20 - 2)], {});
  expect(() =>
    buildCore({ ...huge, areas: [...(huge.areas ?? []), areaAt(2 ** 32, 2)] }, { architecture: i386, files: unknown }),
  ).toThrow("a core of 32 bits cannot have");
});

test("an image without areas has one for each run of its pages", () => {
  const image = { ...imageOf([], { 0x10000: 1, 0x11000: 2, 0x13000: 3 }), areas: undefined };
  expect(told(buildCore(image, { architecture: x86_64, files: unknown }).bytes)).toEqual(["10000+2 rw-: 1 2", "13000+1 rw-: 3"]);
});
