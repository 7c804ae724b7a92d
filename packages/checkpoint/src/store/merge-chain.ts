// A chain as one full image: what is PARENT becomes DATA.

import { frameBytes } from "@pagelapse/mmu";
import { pageMapsOf } from "../image/page-maps.ts";
import type { PageRun } from "../image/page-run.ts";
import type { RawPages } from "../image/page-writer.ts";
import type { TreeImage } from "../image/tree-image.ts";
import type { ImageChain } from "./image-chain.ts";

/** A full image and its pages, for `ImageStore.commit`. */
export interface MergedImage {
  readonly image: TreeImage;
  /** Pages are read where they stand, while the image is written. */
  readonly pages: RawPages;
}

/** The tree of a chain as an image of its own, which says of every page what the chain says. */
export function mergeChain(chain: ImageChain, sequence: number): MergedImage {
  const { processes, shared, ...facts } = chain.image;
  const image: TreeImage = {
    ...facts,
    sequence,
    parent: undefined,
    processes: processes.map((process) => ({ ...process, runs: withoutParents(process.runs) })),
    shared: shared.map((memory) => ({ ...memory, runs: withoutParents(memory.runs) })),
  };
  const places = dataPlacesOf(image);
  let next = 0;
  return {
    image,
    pages: {
      encoding: "raw",
      read(index, target) {
        // Pages are asked for in order; an index that is not the next is looked for from the beginning.
        if (index < places[next].first) next = 0;
        while (index >= places[next].first + places[next].pageCount) next++;
        const { map, start, first } = places[next];
        chain.page(map, start + (index - first) * frameBytes, target);
      },
    },
  };
}

function withoutParents(runs: readonly PageRun[]): readonly PageRun[] {
  const merged: PageRun[] = [];
  for (const { start, pageCount, kind } of runs) {
    const last = merged.at(-1);
    const isNext = last !== undefined && last.start + last.pageCount * frameBytes === start;
    const place = kind === "ZERO" ? "ZERO" : "DATA";
    if (isNext && last.kind === place) merged[merged.length - 1] = { ...last, pageCount: last.pageCount + pageCount };
    else merged.push({ start, pageCount, kind: place });
  }
  return merged;
}

/** Where pages with neighbouring numbers lie. */
interface Place {
  readonly first: number;
  readonly pageCount: number;
  readonly map: number;
  readonly start: number;
}

function dataPlacesOf(image: TreeImage): readonly Place[] {
  const places: Place[] = [];
  let first = 0;
  for (const [map, { runs }] of pageMapsOf(image).entries()) {
    for (const { start, pageCount, kind } of runs) {
      if (kind !== "DATA") continue;
      places.push({ first, pageCount, map, start });
      first += pageCount;
    }
  }
  return places;
}
