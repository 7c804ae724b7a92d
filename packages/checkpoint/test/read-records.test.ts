import { BadImage, readRecords, strategyNamed } from "@pagelapse/checkpoint";
import { frameBytes, i386, x86_64 } from "@pagelapse/mmu";
import { MemoryFileSystem, createVfs, mkdir, writeFileDurably } from "@pagelapse/vfs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { present } from "./present.ts";

/** A record as i386 has it. */
const record = (address: number, fill: number): number[] => [...wordOf(address), ...new Array<number>(frameBytes).fill(fill), 10];
const read = (...parts: readonly (readonly number[])[]): readonly [readonly number[], number] => {
  const { pages, complaints } = readRecords(i386, Uint8Array.from(parts.flat()));
  return [[...pages.keys()], complaints.length];
};

describe("the reader of the report's files", () => {
  test.each<readonly [string, readonly (readonly number[])[], readonly number[], number]>([
    ["nothing", [], [], 0],
    ["two pages", [record(0x1000, 1), record(0x2000, 10)], [0x1000, 0x2000], 0],
    ["a page cut off", [record(0x1000, 1), record(0x2000, 2).slice(0, 4000)], [0x1000], 1],
    ["an address cut off", [record(0x1000, 1), [0]], [0x1000], 1],
    ["a page that could not be read", [record(0x1000, 1), [...wordOf(0x2000), 10], record(0x3000, 3)], [0x1000, 0x3000], 1],
    ["a last page that could not be read", [record(0x1000, 1), [...wordOf(0x2000), 10]], [0x1000], 1],
    ["a page short of bytes", [record(0x1000, 1), record(0x2000, 2).toSpliced(100, 7), record(0x3000, 3)], [0x1000, 0x3000], 1],
    [
      "a newline that was not written",
      [record(0x1000, 1).slice(0, -1), record(0x2000, 2), record(0x3000, 3)],
      [0x2000, 0x3000],
      1,
    ],
    ["an older file's tail", [record(0x3000, 1), record(0x2000, 2), record(0x4000, 3)], [0x3000], 1],
    ["the same page again", [record(0x1000, 1), record(0x1000, 2)], [0x1000], 1],
    ["an address of the kernel's", [record(0xc000_0000, 1), record(0x1000, 1)], [0x1000], 1],
  ])("makes what there is to make of %s", (_, parts, addresses, complaints) => {
    expect(read(...parts)).toEqual([addresses, complaints]);
  });

  test("never throws, and gives whole pages at addresses a process can have, in order", () => {
    const pieces = fc.array(
      fc.oneof(
        fc
          .tuple(fc.nat(6), fc.constantFrom(0, 1, 10), fc.nat(4120), fc.nat(4))
          .map(([page, fill, at, cut]) => record(page * frameBytes, fill).toSpliced(at, cut)),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => [...bytes]),
        fc.nat(5).map((page) => [...wordOf(page * frameBytes), 10]),
      ),
      { maxLength: 8, size: "max" },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const bytes = Uint8Array.from(parts.flat());
        for (const architecture of [i386, x86_64]) {
          const { pages, complaints } = readRecords(architecture, bytes);
          const addresses = [...pages.keys()];
          expect(addresses).toEqual(addresses.toSorted((a, b) => a - b));
          for (const [vaddr, page] of pages)
            expect([page.length, vaddr % frameBytes, vaddr < architecture.taskSize]).toEqual([frameBytes, 0, true]);
          expect(complaints.length).toBeLessThanOrEqual(9);
          expect(pages.size * (architecture.wordBytes + 4097) + complaints.length).toBeGreaterThanOrEqual(
            bytes.length === 0 ? 0 : 1,
          );
          // What is not complained of is there to the byte.
          if (complaints.length === 0) expect(pages.size * (architecture.wordBytes + 4097)).toBe(bytes.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("takes the pid and the count from a file's name, and no other file's for an error", () => {
    const rebuild = present(strategyNamed("report-incremental")).rebuild(x86_64);
    const store = createVfs({ fileSystem: new MemoryFileSystem() });
    mkdir(store, "dir", 0o755);
    writeFileDurably(store, "dir/cp_12_3", new Uint8Array(0));
    writeFileDurably(store, "anything", Uint8Array.of(1, 2, 3));
    expect(rebuild.add(store, "dir/cp_12_3")).toEqual([]);
    expect(rebuild.image).toMatchObject({ pid: 12, checkCount: 4, areas: undefined });
    expect(rebuild.add(store, "anything")).toHaveLength(1);
    expect(rebuild.image.pid).toBeUndefined();
    expect(() => rebuild.add(store, "nothing")).toThrow(BadImage);
  });
});

function wordOf(address: number): number[] {
  return [...new Uint8Array(new Uint32Array([address]).buffer)];
}
