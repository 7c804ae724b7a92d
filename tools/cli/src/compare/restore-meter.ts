// What it takes to restore each checkpoint of a chain, measured by reading its images back.

import { BadImage } from "@pagelapse/checkpoint";
import type { MemoryImage, Rebuild, Strategy } from "@pagelapse/checkpoint";
import type { RestoreWork } from "@pagelapse/checkpoint/cost";
import type { Architecture } from "@pagelapse/mmu";
import { createVfs } from "@pagelapse/vfs";
import type { FileOperation, FileSystem, Vfs } from "@pagelapse/vfs";

/** A restore of one checkpoint: from how many images, and what was read of them. */
export interface RestoreCost extends RestoreWork {
  readonly images: number;
}

/**
 * Takes the images of a chain in, one after another. A restore begins at the last image that gives the same memory alone as the
 * whole chain does up to there: a full one.
 */
export class RestoreMeter {
  readonly #store: Vfs;
  readonly #newRebuild: () => Rebuild;
  readonly #rebuild: Rebuild;
  readonly #costs: RestoreCost[] = [];
  #opened = 0;
  #bytes = 0;

  constructor(strategy: Strategy, architecture: Architecture, fileSystem: FileSystem) {
    this.#store = createVfs({ fileSystem, observer: (operation) => this.#observe(operation) });
    this.#newRebuild = () => strategy.rebuild(architecture);
    this.#rebuild = this.#newRebuild();
  }

  /** Memory as the images so far give it back. */
  get image(): MemoryImage {
    return this.#rebuild.image;
  }

  /** One for each image taken in. */
  get costs(): readonly RestoreCost[] {
    return this.#costs;
  }

  /** The next image, with `pages` pages in it. Returns why it cannot be believed; then it is no part of the chain. */
  add(path: string, pages: number): string | undefined {
    const before = { files: this.#opened, bytes: this.#bytes };
    try {
      this.#rebuild.add(this.#store, path);
      const own = { images: 1, files: this.#opened - before.files, bytes: this.#bytes - before.bytes, pages };
      const last = this.#costs.at(-1);
      this.#costs.push(last === undefined || this.#isEnoughAlone(path) ? own : sum(last, own));
      return undefined;
    } catch (reason) {
      if (!(reason instanceof BadImage)) throw reason;
      return reason.message;
    }
  }

  /** Whether an image gives the whole chain's memory without any other. */
  #isEnoughAlone(path: string): boolean {
    const alone = this.#newRebuild();
    try {
      alone.add(this.#store, path);
    } catch (reason) {
      if (reason instanceof BadImage) return false;
      throw reason;
    }
    return isSameMemory(alone.image, this.#rebuild.image);
  }

  #observe({ operation, errno, done = 0 }: FileOperation): void {
    if (operation === "filpOpen" && errno === undefined) this.#opened += 1;
    if (operation === "vfsRead") this.#bytes += done;
  }
}

function sum(left: RestoreCost, right: RestoreCost): RestoreCost {
  return {
    images: left.images + right.images,
    files: left.files + right.files,
    bytes: left.bytes + right.bytes,
    pages: left.pages + right.pages,
  };
}

function isSameMemory(left: MemoryImage, right: MemoryImage): boolean {
  if (left.pages.size !== right.pages.size) return false;
  for (const [vaddr, bytes] of left.pages) {
    const other = right.pages.get(vaddr);
    if (other === undefined || Buffer.compare(bytes, other) !== 0) return false;
  }
  return true;
}
