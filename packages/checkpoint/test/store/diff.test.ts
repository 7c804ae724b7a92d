// What differs between two images: processes, areas, pages, bytes.

import { MemoryFileSystem, createVfs } from "@pagelapse/vfs";
import { expect, test } from "vitest";
import { diffChains } from "../../src/store/diff-chains.ts";
import type { Difference } from "../../src/store/diff-chains.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { Program } from "./program.ts";

/** A difference in a line. */
function spell(difference: Difference): string {
  switch (difference.kind) {
    case "process":
      return `process ${difference.pid} only ${difference.side}`;
    case "area":
      return `area of ${difference.pid}: ${difference.before?.end ?? "none"} ${difference.after?.end ?? "none"}`;
    case "page": {
      const { map, address, before, after, ranges } = difference;
      return `${map} ${address.toString(16)}: ${before} to ${after}, ${ranges.map(([start, end]) => `${start}-${end}`).join(" ") || "all"}`;
    }
  }
}

/** A store, a program, and what differs between two of its images. */
function bench(): {
  readonly program: Program;
  readonly store: ImageStore;
  readonly diff: (before: number, after: number) => readonly string[];
} {
  const store = new ImageStore(createVfs({ fileSystem: new MemoryFileSystem() }));
  const diff = (before: number, after: number): readonly string[] =>
    [...diffChains(store.openChain(`image-${before}`), store.openChain(`image-${after}`))].map(spell);
  return { program: new Program(), store, diff };
}

test("pages that changed are told with their bytes, and pages that only moved to another image are not", () => {
  const { program, store, diff } = bench();
  for (const page of [0, 1, 2]) program.write("process 1", page, "a");
  program.write("object 7", 0, "b");
  program.write("file /data", 1, "c");
  program.checkpoint(store, "full");
  program.checkpoint(store, "full");
  expect(diff(1, 2)).toEqual([]);
  program.write("process 1", 0, "d", 63);
  program.write("process 1", 0, "d", 0);
  program.write("process 1", 1, "0");
  program.drop("process 1", 2);
  program.write("process 2", 3, "e", 1);
  program.write("object 7", 2, "f", 2);
  program.drop("file /data", 1);
  program.checkpoint(store, "increment", "lines");
  const forwards = [
    "process 1 10000: bytes to bytes, 0-64 4032-4096",
    "process 1 11000: bytes to zeros, 0-4096",
    "process 1 12000: bytes to zeros, 0-4096",
    "process 2 13000: zeros to bytes, 64-128",
    "object 7 2000: zeros to bytes, 128-192",
    "file /data 1000: bytes to its file's, all",
  ];
  expect(diff(2, 3)).toEqual(forwards);
  expect(diff(3, 2)).toEqual(
    forwards.map((line) => line.replace(/: (.*) to (.*), /, (_, before: string, after: string) => `: ${after} to ${before}, `)),
  );
});

test("the first range is told with the bytes that it begins with, on either side", () => {
  const { program, store } = bench();
  program.write("process 1", 0, "a");
  program.checkpoint(store, "full");
  program.write("process 1", 0, "d", 63);
  program.write("process 1", 1, "e", 0);
  program.checkpoint(store, "full");
  const [before, after] = [1, 2].map((sequence) => store.openChain(`image-${sequence}`));
  const first = [...diffChains(before, after)].map((difference) => difference.kind === "page" && difference.first);
  const sixteen = (byte: number): readonly number[] => Array.from({ length: 16 }, () => byte);
  expect(first).toEqual([
    { before: sixteen(0x61), after: sixteen(0x64) },
    { before: sixteen(0), after: sixteen(0x65) },
  ]);
});

test("processes and areas that came, went or changed are told", () => {
  const { program, store, diff } = bench();
  program.write("process 2", 0, "a");
  const { image, pages } = program.makeImage(1, "full", "raw");
  store.commit(image, pages);
  const [first] = image.processes;
  const [low, , high] = first.areas;
  const areas = [{ ...low, end: 0x12000 }, high, { ...low, start: 0x50000, end: 0x51000 }];
  const shared = image.shared.filter(({ object }) => object === undefined);
  store.commit({ ...image, sequence: 2, processes: [{ ...first, areas }], shared }, pages);
  expect(diff(1, 2)).toEqual([
    "area of 1: 81920 73728",
    "area of 1: 147456 none",
    "area of 1: none 331776",
    "process 2 only before",
    "process 2 10000: bytes to unmapped, all",
  ]);
});
