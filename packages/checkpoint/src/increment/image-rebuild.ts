// The memory of a process tree as a chain of images gives it back, image by image.

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import type { Vfs } from "@pagelapse/vfs";
import type { Area } from "@pagelapse/vma";
import { BadImage } from "../bad-image.ts";
import { manifestName } from "../image/manifest.ts";
import { pageMapsOf } from "../image/page-maps.ts";
import type { PageMap } from "../image/page-maps.ts";
import { emptyImage } from "../memory-image.ts";
import type { MemoryImage } from "../memory-image.ts";
import { checkLink } from "../store/image-chain.ts";
import { ImageStore } from "../store/image-store.ts";
import type { StoredImage } from "../store/stored-image.ts";
import type { Rebuild } from "../strategy.ts";
import type { ImageParts } from "./image-parts.ts";
import { codecsOf } from "./image-parts.ts";
import type { ProcessMemory, SharedMemory, TreeMemory } from "../tree-memory.ts";

/** Pages by address, or by offset. */
type Pages = ReadonlyMap<number, Uint8Array>;

/** Memory at the last image taken in. An image without a parent begins anew; PARENT pages are those held already, and are not read. */
export class ImageRebuild implements Rebuild {
  readonly #architecture: Architecture;
  readonly #parts: ImageParts;
  #last: StoredImage | undefined;
  /** What each map of the last image brought, by the map's name. */
  #maps: ReadonlyMap<string, Pages> = new Map();
  #tree: TreeMemory = { processes: [], shared: [] };

  /** `parts`: those of the strategy that took the images. */
  constructor(architecture: Architecture, parts: ImageParts) {
    this.#architecture = architecture;
    this.#parts = parts;
  }

  get image(): MemoryImage {
    return this.#tree.processes.at(0) ?? emptyImage;
  }

  get tree(): TreeMemory {
    return this.#tree;
  }

  /** Also refuses an image that does not build on the last one taken in. */
  add(store: Vfs, path: string): readonly string[] {
    const { leavesOut } = this.#parts;
    const stored = new ImageStore(store, { codecs: codecsOf(this.#parts) }).open(path);
    this.#checkOrder(stored);
    const maps = this.#read(stored);
    this.#tree = treeOf(stored, maps, leavesOut);
    this.#maps = maps;
    this.#last = stored;
    return [];
  }

  #checkOrder(stored: StoredImage): void {
    const { architecture, parent, sequence } = stored.image;
    const refuse = (expected: string, found: string): never => {
      throw new BadImage(`${stored.path}/${manifestName}`, 0, expected, found);
    };
    if (architecture !== this.#architecture.name) refuse(`an image of ${this.#architecture.name}`, architecture);
    const last = this.#last;
    if (last !== undefined && sequence <= last.image.sequence) refuse(`a sequence above ${last.image.sequence}`, `${sequence}`);
    if (parent === undefined) return;
    if (last === undefined) return refuse("an image without a parent, to begin with", `one that builds on ${parent.sequence}`);
    checkLink(stored, last);
  }

  /** The pages of every map of an image. */
  #read(stored: StoredImage): ReadonlyMap<string, Pages> {
    const maps = new Map<string, Pages>();
    let index = 0;
    for (const { name, runs } of pageMapsOf(stored.image)) {
      const before = this.#maps.get(name);
      const pages = new Map<number, Uint8Array>();
      for (const { start, pageCount, kind } of runs) {
        for (let address = start; address < start + pageCount * frameBytes; address += frameBytes) {
          const held = stored.image.parent === undefined ? undefined : before?.get(address);
          if (kind === "PARENT" && held !== undefined) pages.set(address, held);
          else if (kind === "ZERO") pages.set(address, zeroPage);
          else pages.set(address, readPage(stored, index++, held));
        }
      }
      maps.set(name, pages);
    }
    return maps;
  }
}

/** An image of lines gives only those that are not as in the parent's page. */
function readPage(stored: StoredImage, index: number, held: Uint8Array | undefined): Uint8Array {
  const page = new Uint8Array(frameBytes);
  if (held !== undefined) page.set(held);
  stored.page(index, page);
  return page;
}

const zeroPage = new Uint8Array(frameBytes);

function treeOf({ image }: StoredImage, maps: ReadonlyMap<string, Pages>, leavesOut: number): TreeMemory {
  const own = pageMapsOf(image).map(({ name }: PageMap) => maps.get(name) ?? new Map<number, Uint8Array>());
  const shared = image.shared.map(({ file, object }, index) => ({ file, object, pages: own[image.processes.length + index] }));
  const processes = image.processes.map(({ pid, parentPid, checkCount, startBrk, brk, areas }, index): ProcessMemory => {
    const facts = { pid, parentPid, checkCount, startBrk, brk, areas, leavesOut };
    return { ...facts, ownPages: own[index], pages: withShared(areas, own[index], shared) };
  });
  return { processes, shared };
}

/** A process's pages and those of shared memory, where it maps them and has none of its own. */
function withShared(areas: readonly Area[], own: Pages, shared: readonly SharedMemory[]): Pages {
  if (shared.length === 0) return own;
  const pages = new Map(own);
  for (const area of areas) {
    const { start, end, file, offset } = area;
    const memory = shared.find((each) =>
      file === undefined ? each.object === area.object && area.object !== undefined : each.file === file,
    );
    if (memory === undefined) continue;
    for (const [at, bytes] of memory.pages) {
      const vaddr = start + (at - offset);
      if (vaddr >= start && vaddr < end && !own.has(vaddr)) pages.set(vaddr, bytes);
    }
  }
  return pages;
}
