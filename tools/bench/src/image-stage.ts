// One stage of an image of 200 MB, measured in a process of its own: `node image-stage.js STAGE` prints MB/s, or MB.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageStore } from "@pagelapse/checkpoint/store";
import type { TreeImage } from "@pagelapse/checkpoint/store";
import { createVfs } from "@pagelapse/vfs";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import type { ImageStageName } from "./figure.ts";

const pageBytes = 4096;
/** 200 MB, rounded up to a page; and what is done before, so that nothing is measured that is not yet compiled. */
const pageCount = Math.ceil(200e6 / pageBytes);
const warmPages = 5000;
/** Where the pages lie. */
const firstPage = 0x10000;

/** Memory of pages of which no two are the same. */
const memory = new Uint8Array(pageCount * pageBytes);
const words = new Uint32Array(memory.buffer);
for (let i = 0, word = 1; i < words.length; i++) words[i] = word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;

const [stage] = process.argv.slice(2) as [ImageStageName];
const folder = mkdtempSync(join(isDirectory("/dev/shm") ? "/dev/shm" : tmpdir(), "pagelapse-bench-"));
try {
  const store = new ImageStore(createVfs({ fileSystem: new DiskFileSystem(folder) }));
  const restored = stage === "restored" ? new Uint8Array(memory.length) : memory;
  run(store, 1, warmPages, restored);
  const took = run(store, 2, pageCount, restored);
  if (Buffer.compare(memory, restored) !== 0) throw new Error("other bytes came back");
  const peak = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(`${stage === "memory" ? (peak - memory.length) / 1e6 : memory.length / 1e6 / took[stage]}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Commits an image and reads it; how many seconds each stage took. */
function run(
  store: ImageStore,
  sequence: number,
  count: number,
  target: Uint8Array,
): Record<"written" | "verified" | "restored", number> {
  const begun = performance.now();
  const result = store.commit(treeOf(sequence, count), {
    encoding: "raw",
    read: (index, page) => page.set(memory.subarray(index * pageBytes, (index + 1) * pageBytes)),
  });
  if (result.kind !== "committed") throw new Error(`${result.path}: ${result.reason}`);
  const written = performance.now();
  store.openChain(result.path).verify();
  const verified = performance.now();
  const chain = store.openChain(result.path);
  if (stage === "restored")
    chain.visit({ data: (_, address, page) => target.set(page, address - firstPage), zero: () => undefined });
  const restored = performance.now();
  return {
    written: (written - begun) / 1000,
    verified: (verified - written) / 1000,
    restored: (restored - verified) / 1000,
  };
}

function treeOf(sequence: number, count: number): TreeImage {
  const runs = [{ start: firstPage, pageCount: count, kind: "DATA" }] as const;
  const area = { start: firstPage, end: firstPage + pageCount * pageBytes, flags: 0x33, file: undefined, offset: firstPage };
  const areas = [{ ...area, name: "", object: undefined, anonVma: 1 }];
  const processes = [{ pid: 1, parentPid: 0, checkCount: sequence, startBrk: 0, brk: 0, areas, runs }];
  return { sequence, parent: undefined, strategy: "bench", architecture: "x86-64", moment: 0, processes, shared: [] };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
