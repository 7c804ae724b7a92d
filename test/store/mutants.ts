// Deliberate bugs of the store that only a history shows: what is read, merged and removed.

import type { Edit } from "../mutated-module.ts";

/** A bug, and where it is put in. */
export interface StoreMutant extends Edit {
  readonly bug: string;
}

const source = "packages/checkpoint/src/store";

export const storeMutants: readonly StoreMutant[] = [
  {
    bug: "PARENT pages read from the image itself, by their place in the parent",
    file: `${source}/image-chain.ts`,
    search: "return { level: at, index: pageNumber(map, run, address) };",
    replace: "return { level: at, index: map.firsts[run] };",
  },
  {
    bug: "lines laid over zeros, and not over the parent's page",
    file: `${source}/image-chain.ts`,
    search: "next = this.images[next.level].isWhole(next.index) ? undefined : this.#find(next.level + 1, name, address);",
    replace: "next = undefined;",
  },
  {
    bug: "lines laid over what the buffer held",
    file: `${source}/image-chain.ts`,
    search: "if (deepest === undefined || !this.images[deepest.level].isWhole(deepest.index)) target.fill(0);",
    replace: "",
  },
  {
    bug: "layers of lines laid from the newest on",
    file: `${source}/image-chain.ts`,
    search: "of layers.toReversed())",
    replace: "of layers)",
  },
  {
    bug: "DATA pages of later maps numbered from 0 again",
    file: `${source}/indexed-maps.ts`,
    search: "  let first = 0;\n  return pageMapsOf(image).map(({ name, runs }) => {",
    replace: "  return pageMapsOf(image).map(({ name, runs }) => {\n    let first = 0;",
  },
  {
    bug: "a page found in the run before a gap",
    file: `${source}/indexed-maps.ts`,
    search: "return run >= 0 && address < runs[run].start + runs[run].pageCount * frameBytes ? run : -1;",
    replace: "return run;",
  },
  {
    bug: "pages merged with zeros left out",
    file: `${source}/merge-chain.ts`,
    search: 'const place = kind === "ZERO" ? "ZERO" : "DATA";',
    replace: 'if (kind === "ZERO") continue;\n    const place = "DATA";',
  },
  {
    bug: "merged pages counted from the beginning of each run",
    file: `${source}/merge-chain.ts`,
    search: "start + (index - first) * frameBytes",
    replace: "start",
  },
  {
    bug: "removal by number, whatever builds on what",
    file: `${source}/collect.ts`,
    search: "const generation = (image.parent && generationOf.get(image.parent.sequence)) ?? [];",
    replace: "const generation: number[] = [];",
  },
  {
    bug: "generations in the order of their full images",
    file: `${source}/collect.ts`,
    search: ".toSorted((left, right) => newestCertain(right) - newestCertain(left));",
    replace: ".toSorted((left, right) => right[0] - left[0]);",
  },
  {
    bug: "shared memory seen from its beginning, wherever it is mapped",
    file: `${source}/process-pages.ts`,
    search: "const from = Math.max(run.start, area.offset);",
    replace: "const from = Math.max(run.start, area.offset) + 4096;",
  },
  {
    bug: "a number given again after everything above it is gone",
    file: `${source}/image-store.ts`,
    search: "(parseName(name)?.sequence ?? 0) + 1), this.#tried + 1);",
    replace: "(parseName(name)?.sequence ?? 0)), 1);",
  },
];
