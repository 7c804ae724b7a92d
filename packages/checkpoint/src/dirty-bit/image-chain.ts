// A chain of images read back: each is checked against the one that it builds on.

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { BadImage } from "../bad-image.ts";
import { emptyImage } from "../memory-image.ts";
import type { MemoryImage } from "../memory-image.ts";
import type { Rebuild } from "../strategy.ts";
import { decodeImage } from "./decode-image.ts";
import type { DecodedImage } from "./decode-image.ts";
import { parentOffset, runOffset, sequenceOffset } from "./image.ts";
import type { ParentImage } from "./image.ts";

/** Memory at the last image taken in. An image without a parent begins anew. */
export class ImageChain implements Rebuild {
  readonly #architecture: Architecture;
  #image: MemoryImage = emptyImage;
  #last: ParentImage | undefined;

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  get image(): MemoryImage {
    return this.#image;
  }

  /** Also refuses an image that does not build on the last one taken in. */
  add(path: string, bytes: Uint8Array): readonly string[] {
    const decoded = decodeImage(this.#architecture, path, bytes);
    this.#checkOrder(path, decoded);
    const { pid, checkCount, startBrk, brk, areas, sequence, checksum } = decoded;
    this.#image = { pid, checkCount, startBrk, brk, areas, pages: this.#pagesOf(path, decoded) };
    this.#last = { sequence, checksum };
    return [];
  }

  #checkOrder(path: string, { sequence, parent }: DecodedImage): void {
    const last = this.#last;
    if (last !== undefined && sequence <= last.sequence)
      throw new BadImage(path, sequenceOffset, `a sequence above ${last.sequence}`, `${sequence}`);
    if (parent === undefined || (parent.sequence === last?.sequence && parent.checksum === last.checksum)) return;
    const expected = last === undefined ? "an image without a parent, to begin with" : `the parent ${nameOf(last)}`;
    throw new BadImage(path, parentOffset, expected, nameOf(parent));
  }

  #pagesOf(path: string, decoded: DecodedImage): ReadonlyMap<number, Uint8Array> {
    const pages = new Map<number, Uint8Array>();
    let dataPages = 0;
    decoded.runs.forEach((run, index) => {
      for (let i = 0; i < run.pageCount; i++) {
        const vaddr = run.start + i * frameBytes;
        // A copy: one page must not keep its whole file in memory.
        const page =
          run.kind === "DATA"
            ? decoded.dataPage(dataPages++).slice()
            : run.kind === "ZERO"
              ? zeroPage
              : this.#image.pages.get(vaddr);
        if (page === undefined)
          throw new BadImage(path, runOffset(index), "pages that the parent has", `page ${vaddr}, which it lacks`);
        pages.set(vaddr, page);
      }
    });
    return pages;
  }
}

const zeroPage = new Uint8Array(frameBytes);

function nameOf(image: ParentImage): string {
  return `${image.sequence} with the checksum ${image.checksum.toString(16)}`;
}
