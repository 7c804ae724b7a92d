// An image with the images that it builds on, down to a full one: every page of its tree can be read.

import { frameBytes } from "@pagelapse/mmu";
import { BadImage } from "../bad-image.ts";
import { manifestName } from "../image/manifest.ts";
import type { TreeImage } from "../image/tree-image.ts";
import { indexedMapsOf, pageNumber, runAt } from "./indexed-maps.ts";
import type { IndexedMap } from "./indexed-maps.ts";
import { imageName, pathIn } from "./names.ts";
import type { StoredImage } from "./stored-image.ts";

/** The most images in a chain. */
export const chainLimit = 1024;

/** Who is told of the pages of a tree, in order: maps of processes, then those of shared memory, each by address. */
export interface TreeVisitor {
  /** `map`: the index in `pageMapsOf(image)`. The bytes are lent until the next page. */
  data(map: number, address: number, bytes: Uint8Array): void;
  zero(map: number, address: number): void;
}

/** A chain in which each image is the parent that the one before names, and has all that the one before leaves to it. */
export class ImageChain {
  /** The newest first, a full one last. */
  readonly images: readonly StoredImage[];
  readonly #levels: Level[] = [];

  /** The images must be linked by `checkLink`. */
  constructor(images: readonly StoredImage[]) {
    this.images = images;
  }

  /** The newest. */
  get stored(): StoredImage {
    return this.images[0];
  }

  /** The tree of the newest. */
  get image(): TreeImage {
    return this.images[0].image;
  }

  /** Reads every page that the tree lists; PARENT pages where they stand. Throws `BadImage` where bytes are not what they were. */
  visit(visitor: TreeVisitor): void {
    const bytes = new Uint8Array(frameBytes);
    for (const [number, map] of this.#level(0).maps.entries()) {
      for (const [run, { start, pageCount, kind }] of map.runs.entries()) {
        for (let i = 0; i < pageCount; i++) {
          const address = start + i * frameBytes;
          if (kind === "ZERO") visitor.zero(number, address);
          else {
            const place = kind === "DATA" ? { level: 0, index: map.firsts[run] + i } : this.#find(1, map.name, address);
            this.#read(place, map.name, address, bytes);
            visitor.data(number, address, bytes);
          }
        }
      }
    }
  }

  /** Fills `target` with a page of a map of the tree: zeros where its bytes stand nowhere. Throws `BadImage` like `visit`. */
  page(map: number, address: number, target: Uint8Array): void {
    const { name } = this.#level(0).maps[map];
    this.#read(this.#find(0, name, address), name, address, target);
  }

  /** Reads every DATA page of the newest image, and nothing else but what lines lie over. Throws `BadImage`. */
  verify(): void {
    const bytes = new Uint8Array(frameBytes);
    for (const map of this.#level(0).maps) {
      for (const [run, { start, pageCount, kind }] of map.runs.entries()) {
        if (kind !== "DATA") continue;
        for (let i = 0; i < pageCount; i++)
          this.#read({ level: 0, index: map.firsts[run] + i }, map.name, start + i * frameBytes, bytes);
      }
    }
  }

  #level(at: number): Level {
    return (this.#levels[at] ??= levelOf(this.images[at]));
  }

  /** Where the bytes of a page are, from a level on; `undefined` where it has none. */
  #find(level: number, name: string, address: number): Place | undefined {
    for (let at = level; at < this.images.length; at++) {
      const map = this.#level(at).byName.get(name);
      const run = map === undefined ? -1 : runAt(map, address);
      if (map === undefined || run === -1 || map.runs[run].kind === "ZERO") return undefined;
      if (map.runs[run].kind === "DATA") return { level: at, index: pageNumber(map, run, address) };
    }
    return undefined;
  }

  /** Fills `target` with a page: zeros where it stands nowhere, and lines over what the parent has. */
  #read(place: Place | undefined, name: string, address: number, target: Uint8Array): void {
    if (place !== undefined && this.images[place.level].isWhole(place.index))
      return this.images[place.level].page(place.index, target);
    const layers: Place[] = [];
    let next = place;
    while (next !== undefined) {
      layers.push(next);
      next = this.images[next.level].isWhole(next.index) ? undefined : this.#find(next.level + 1, name, address);
    }
    const deepest = layers.at(-1);
    if (deepest === undefined || !this.images[deepest.level].isWhole(deepest.index)) target.fill(0);
    for (const { level, index } of layers.toReversed()) this.images[level].page(index, target);
  }
}

/** A DATA page of one of the images. */
interface Place {
  readonly level: number;
  readonly index: number;
}

interface Level {
  readonly maps: readonly IndexedMap[];
  readonly byName: ReadonlyMap<string, IndexedMap>;
}

function levelOf({ image }: StoredImage): Level {
  const maps = indexedMapsOf(image);
  return { maps, byName: new Map(maps.map((map) => [map.name, map])) };
}

/** Throws `BadImage` unless `parent` is the image that `child` names, and has every page that `child` leaves to it. */
export function checkLink(child: StoredImage, parent: StoredImage): void {
  const path = pathIn(child.path, manifestName);
  const named = child.image.parent;
  if (named === undefined) throw new BadImage(path, 0, "a parent", "a full image");
  if (named.sequence !== parent.image.sequence || named.digest !== parent.digest) {
    const expected = `the parent ${imageName(named.sequence)} with the digest ${named.digest}`;
    throw new BadImage(path, 0, expected, `${imageName(parent.image.sequence)} with ${parent.digest}`);
  }
  if (child.image.architecture !== parent.image.architecture)
    throw new BadImage(path, 0, `a tree of ${parent.image.architecture}, as the parent`, child.image.architecture);
  const { byName } = levelOf(parent);
  for (const map of indexedMapsOf(child.image)) checkPages(path, map, byName.get(map.name));
}

/** Every PARENT page of a map is DATA or PARENT in the parent's. */
function checkPages(path: string, map: IndexedMap, parent: IndexedMap | undefined): void {
  for (const { start, pageCount, kind } of map.runs) {
    if (kind !== "PARENT") continue;
    const end = start + pageCount * frameBytes;
    for (let address = start; address < end;) {
      const run = parent === undefined ? -1 : runAt(parent, address);
      if (parent === undefined || run === -1 || parent.runs[run].kind === "ZERO")
        throw new BadImage(path, 0, "PARENT pages that the parent has", `page ${address} of ${map.name}, which it lacks`);
      address = parent.runs[run].start + parent.runs[run].pageCount * frameBytes;
    }
  }
}
