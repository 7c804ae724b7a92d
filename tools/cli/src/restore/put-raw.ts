// The memory of a process as a file of pages with an index beside it.

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { processPages } from "@pagelapse/checkpoint/store";
import type { ImageChain } from "@pagelapse/checkpoint/store";
import { frameBytes } from "@pagelapse/mmu";

/** A file that was written. */
export interface PutFile {
  readonly name: string;
  /** Pages of memory in it. */
  readonly pages: number;
  readonly bytes: number;
}

/** Told how much of a process is written, 0 to 1, and how many pages. */
export type Told = (share: number, pages: number) => void;

const pieceBytes = 2 ** 20;

/** Writes PATH.raw, then PATH.json. */
export function putRaw(chain: ImageChain, index: number, path: string, told: Told): readonly PutFile[] {
  const { runs: _, ...facts } = chain.image.processes[index];
  const seen = processPages(chain.image, index).filter(({ kind }) => kind !== "ZERO");
  const pageCount = seen.reduce((sum, run) => sum + run.pageCount, 0);
  const runs: { readonly start: number; readonly pageCount: number; readonly offset: number }[] = [];
  const descriptor = openSync(`${path}.raw`, "wx");
  let pages = 0;
  try {
    const piece = new Uint8Array(Math.min(pieceBytes, pageCount * frameBytes));
    let filled = 0;
    const flush = (): void => {
      for (let done = 0; done < filled;) done += writeSync(descriptor, piece, done, filled - done);
      filled = 0;
    };
    for (const run of seen) {
      runs.push({ start: run.vaddr, pageCount: run.pageCount, offset: pages * frameBytes });
      for (let i = 0; i < run.pageCount; i++) {
        chain.page(run.map, run.address + i * frameBytes, piece.subarray(filled, filled + frameBytes));
        filled += frameBytes;
        pages++;
        if (filled < piece.length) continue;
        flush();
        told(pages / pageCount, pages);
      }
    }
    flush();
  } finally {
    closeSync(descriptor);
  }
  const text = `${JSON.stringify({ ...facts, architecture: chain.image.architecture, moment: chain.image.moment, runs })}\n`;
  writeFileSync(`${path}.json`, text, { flag: "wx" });
  const name = basename(path);
  return [
    { name: `${name}.raw`, pages, bytes: pages * frameBytes },
    { name: `${name}.json`, pages: 0, bytes: Buffer.byteLength(text) },
  ];
}
