// The pages with content that a process of an image sees: its own, and those of shared memory where it maps them.

import { frameBytes } from "@pagelapse/mmu";
import { VM_MAYSHARE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { endOf, mapName, pageMapsOf } from "../image/page-maps.ts";
import type { PageRun } from "../image/page-run.ts";
import type { TreeImage } from "../image/tree-image.ts";

/** Neighbouring pages of a process, and where an image keeps them. */
export interface SeenRun {
  readonly vaddr: number;
  readonly pageCount: number;
  /** The index of their map in `pageMapsOf(image)`, and the address of the first there. */
  readonly map: number;
  readonly address: number;
  readonly kind: PageRun["kind"];
}

/** What process `index` of an image sees, by address. A private mapping of a file shows the cached page where it has none of its own. */
export function processPages(image: TreeImage, index: number): readonly SeenRun[] {
  const maps = pageMapsOf(image);
  const numbers = new Map(maps.map(({ name }, number) => [name, number]));
  const own = maps[index].runs.map(({ start, pageCount, kind }) => ({
    vaddr: start,
    pageCount,
    map: index,
    address: start,
    kind,
  }));
  const shared = image.processes[index].areas.flatMap((area): readonly SeenRun[] => {
    const map = numbers.get(nameOfMapped(area));
    if (map === undefined) return [];
    const seen = maps[map].runs.flatMap((run) => seenThrough(area, map, run));
    return (area.flags & VM_MAYSHARE) === 0 ? seen.flatMap((run) => withoutOwn(run, own)) : seen;
  });
  return [...own, ...shared].toSorted((left, right) => left.vaddr - right.vaddr);
}

/** The name that the map of what an area maps has, if it is there. */
function nameOfMapped({ file, object }: Area): string {
  return mapName(file === undefined ? { file, object, runs: [] } : { file, object: undefined, runs: [] });
}

/** The part of a run of shared memory that an area shows. */
function seenThrough(area: Area, map: number, run: PageRun): readonly SeenRun[] {
  const from = Math.max(run.start, area.offset);
  const to = Math.min(endOf(run), area.offset + (area.end - area.start));
  if (from >= to) return [];
  return [{ vaddr: area.start + (from - area.offset), pageCount: (to - from) / frameBytes, map, address: from, kind: run.kind }];
}

/** The parts of a run where the process has no pages of its own, which are given by address. */
function withoutOwn(run: SeenRun, own: readonly SeenRun[]): readonly SeenRun[] {
  const parts: SeenRun[] = [];
  const end = run.vaddr + run.pageCount * frameBytes;
  let from = run.vaddr;
  const add = (to: number): void => {
    if (from < to)
      parts.push({ ...run, vaddr: from, pageCount: (to - from) / frameBytes, address: run.address + (from - run.vaddr) });
  };
  for (const { vaddr, pageCount } of own) {
    const ownEnd = vaddr + pageCount * frameBytes;
    if (ownEnd <= from || vaddr >= end) continue;
    add(vaddr);
    from = ownEnd;
  }
  add(end);
  return parts;
}
