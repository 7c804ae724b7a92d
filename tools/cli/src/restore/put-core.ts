// The memory of a process as an ELF core file.

import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { writeCore } from "@pagelapse/checkpoint";
import type { MemoryImage } from "@pagelapse/checkpoint";
import { processPages } from "@pagelapse/checkpoint/store";
import type { ImageChain } from "@pagelapse/checkpoint/store";
import { architectureNamed, frameBytes } from "@pagelapse/mmu";
import type { PutFile, Told } from "./put-raw.ts";

/** Writes PATH.core. */
export function putCore(chain: ImageChain, index: number, path: string, told: Told): readonly PutFile[] {
  const image = memoryOf(chain, index);
  const architecture = architectureNamed(chain.image.architecture);
  if (architecture === undefined) throw new Error(`${chain.image.architecture}: a name that was checked`);
  const descriptor = openSync(`${path}.core`, "wx");
  try {
    const byteCount = writeCore(image, { architecture, files: { read: () => "unknown" } }, (offset, bytes) => {
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
      told(0.5, image.pages.size);
    });
    ftruncateSync(descriptor, byteCount);
    return [{ name: basename(`${path}.core`), pages: image.pages.size, bytes: byteCount }];
  } finally {
    closeSync(descriptor);
  }
}

/** What the chain says of a process. Pages of zeros are not listed: they are of anonymous memory. */
function memoryOf(chain: ImageChain, index: number): MemoryImage {
  const { runs: _, ...facts } = chain.image.processes[index];
  const pages = new Map<number, Uint8Array>();
  for (const { vaddr, pageCount, map, address } of processPages(chain.image, index).filter(({ kind }) => kind !== "ZERO")) {
    for (let i = 0; i < pageCount; i++) {
      const page = new Uint8Array(frameBytes);
      chain.page(map, address + i * frameBytes, page);
      pages.set(vaddr + i * frameBytes, page);
    }
  }
  return { ...facts, leavesOut: 0, pages };
}
