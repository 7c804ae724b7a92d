// A store of three small images on a disk: a full one, an increment of lines, an increment of whole pages; of two processes.

import { mkdirSync } from "node:fs";
import { ImageStore } from "@pagelapse/checkpoint/store";
import type { ImageChain, PageRun, PageWriter, TreeImage } from "@pagelapse/checkpoint/store";
import { createVfs } from "@pagelapse/vfs";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_READ, VM_SHARED, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";

const mayDoAll = VM_READ + VM_WRITE + VM_MAYREAD + VM_MAYWRITE;
const common = { flags: mayDoAll, file: undefined, name: "", object: undefined, anonVma: 1 } as const;
const heap: Area = { ...common, start: 0x10000, end: 0x14000, offset: 0x10000, name: "[heap]" };
const shared: Area = {
  ...common,
  start: 0x20000,
  end: 0x22000,
  flags: mayDoAll + VM_SHARED + VM_MAYSHARE,
  offset: 0,
  object: 7,
  anonVma: undefined,
};

type Run = readonly [start: number, pageCount: number, kind: PageRun["kind"]];

/** Maps of the first process, the second and the object, and the letter that each DATA page is full of. */
interface Moment {
  readonly maps: readonly [readonly Run[], readonly Run[], readonly Run[]];
  readonly letters: string;
}

const moments: readonly Moment[] = [
  { maps: [[[0x10000, 2, "DATA"]], [[0x11000, 1, "DATA"]], [[0, 1, "DATA"]]], letters: "abcd" },
  {
    maps: [
      [
        [0x10000, 1, "DATA"],
        [0x11000, 1, "PARENT"],
        [0x12000, 1, "ZERO"],
      ],
      [[0x11000, 1, "PARENT"]],
      [[0, 1, "PARENT"]],
    ],
    letters: "e",
  },
  {
    maps: [
      [
        [0x10000, 2, "PARENT"],
        [0x12000, 1, "ZERO"],
      ],
      [[0x11000, 1, "PARENT"]],
      [
        [0, 1, "PARENT"],
        [0x1000, 1, "DATA"],
      ],
    ],
    letters: "f",
  },
];

/** The store in a folder of the host. */
export function storeIn(folder: string): ImageStore {
  return new ImageStore(createVfs({ fileSystem: new DiskFileSystem(folder) }));
}

/** Fills a new folder with the three images. */
export function putStore(folder: string): string {
  mkdirSync(folder);
  const store = storeIn(folder);
  let parent: TreeImage["parent"];
  for (const [index, { maps, letters }] of moments.entries()) {
    const sequence = index + 1;
    const result = store.commit(treeOf(sequence, parent, maps), writerOf(index === 1 ? "lines" : "raw", letters));
    if (result.kind !== "committed") throw new Error(`${result.path}: ${result.reason}`);
    parent = { sequence, digest: result.digest };
  }
  return folder;
}

/** What stands in a chain: `0:10000=e 0:11000=b ...`. Of lines only the first is another than the parent's. */
export function pagesIn(chain: ImageChain): string {
  const pages: string[] = [];
  chain.visit({
    data: (map, address, bytes) =>
      void pages.push(`${map}:${address.toString(16)}=${String.fromCharCode(bytes[0], bytes[4095])}`),
    zero: (map, address) => void pages.push(`${map}:${address.toString(16)}=0`),
  });
  return pages.join(" ");
}

function treeOf(sequence: number, parent: TreeImage["parent"], maps: Moment["maps"]): TreeImage {
  const [first, second, object] = maps.map((runs) =>
    runs.map(([start, pageCount, kind]): PageRun => ({ start, pageCount, kind })),
  );
  const process = { checkCount: sequence, startBrk: 0x10000, brk: 0x14000, areas: [heap, shared] };
  return {
    sequence,
    parent,
    strategy: "small",
    architecture: "x86-64",
    moment: sequence * 100,
    processes: [
      { ...process, pid: 11, parentPid: 0, runs: first },
      { ...process, pid: 12, parentPid: 11, runs: second },
    ],
    shared: [{ file: undefined, object: 7, runs: object }],
  };
}

function writerOf(encoding: "raw" | "lines", letters: string): PageWriter {
  const read = (index: number, target: Uint8Array): void => {
    // Behind the first line of an image of lines the page is as in the parent.
    target.fill(encoding === "raw" ? letters.charCodeAt(index) : 0x61);
    target.fill(letters.charCodeAt(index), 0, 64);
  };
  return encoding === "raw" ? { encoding, read } : { encoding, read, lines: (_, mask) => void (mask[0] = 1) };
}
