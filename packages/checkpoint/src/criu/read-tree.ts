// A process tree read: from CRIU's files, whoever wrote them.

import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { BadImage } from "../bad-image.ts";
import type { PageRun } from "../image/page-run.ts";
import { areaOf, statusBits } from "./area-entry.ts";
import type { Mappable } from "./area-entry.ts";
import { decodeCore } from "./core.ts";
import { read } from "./image-files.ts";
import type { Files } from "./image-files.ts";
import { decodeInventory } from "./inventory.ts";
import { readMappable } from "./mappable-files.ts";
import { decodeMm } from "./mm.ts";
import type { VmaEntry } from "./mm.ts";
import { decodePagemap } from "./pagemap.ts";
import { pagesFileName, runsOf } from "./pages-files.ts";
import { decodePstree } from "./pstree.ts";
import type { PagesFile, SavedProcess, SavedShared, SavedTree } from "./saved-tree.ts";

/** A tree that was read, and where the bytes of its pages are. */
export interface ReadTree extends SavedTree {
  /** One for each map of pages: the processes', then those of `shared`. */
  readonly pagesFiles: readonly PagesFile[];
}

/** A map of pages, with the number of its file. */
interface ReadMap {
  readonly pagesId: number;
  readonly runs: readonly PageRun[];
}

/**
 * Reads the files of an image. A page that is present is DATA, whatever its bytes; one that is not listed is its file's, or zero.
 * Shared memory without pages has no entry, and shared memory comes in the order of its files of pages. Left out are the
 * kernel's own area `[vsyscall]`, processes that have ended, and what of areas CRIU does not keep (see `areaOf`). Throws `BadImage`
 * for files that are missing or wrong, and for memory of kinds that cannot be brought back here: huge pages, private mappings of
 * a memfd, System V, sockets, guard pages.
 */
export function treeOf(files: Files): ReadTree {
  read(files, "inventory.img", decodeInventory);
  const mappable = readMappable(files);
  const mtypes = new Set<number>();
  const processes = new Map<number, SavedProcess>();
  const maps: ReadMap[] = [];
  for (const { pid, ppid } of read(files, "pstree.img", decodePstree)) {
    const { mtype, tc } = read(files, `core-${pid}.img`, decodeCore);
    if (tc?.taskState === taskDead || tc?.taskState === taskZombie) continue;
    mtypes.add(mtype);
    const { startBrk, brk, vmas } = read(files, `mm-${pid}.img`, decodeMm);
    const areas = areasOf(`mm-${pid}.img`, vmas, mappable);
    const map = readMap(files, `pagemap-${pid}.img`);
    checkMapped(`pagemap-${pid}.img`, areas, map.runs);
    processes.set(pid, { pid, parentPid: processes.has(ppid) ? ppid : 0, startBrk, brk, areas, runs: map.runs });
    maps.push(map);
  }
  const shared = readShared(files, mappable, [...processes.values()]);
  return {
    architecture: architectureOf(mtypes),
    processes: [...processes.values()],
    shared: shared.map(({ file, object, runs }) => ({ file, object, runs })),
    pagesFiles: pagesFilesNamed([...maps, ...shared]),
  };
}

/** COMPEL_TASK_DEAD, COMPEL_TASK_ZOMBIE */
const taskDead = 2;
const taskZombie = 6;

function architectureOf(mtypes: ReadonlySet<number>): string {
  const [mtype, ...others] = mtypes;
  if (others.length === 0 && mtype === 1) return "x86-64";
  if (others.length === 0 && mtype === 8) return "sv39";
  throw new BadImage("pstree.img", 8, "processes of x86 (1), or of RISC-V (8)", [...mtypes].join(" and ") || "none");
}

function areasOf(file: string, vmas: readonly VmaEntry[], mappable: ReadonlyMap<number, Mappable>): readonly Area[] {
  const areas: Area[] = [];
  vmas.forEach((entry, index) => {
    if ((entry.status & statusBits.vsyscall) !== 0) return;
    const floor = areas.at(-1)?.end ?? 0;
    const refuse = (expected: string, found: string): never => {
      throw new BadImage(file, 8, `area ${index}: ${expected}`, found);
    };
    const { start, end, pgoff } = entry;
    const isWhole = [start, end, pgoff].every((value) => (value & (frameBytes - 1)) === 0);
    if (!isWhole) refuse(`start, end and offset at multiples of ${frameBytes}`, `${start}, ${end}, ${pgoff}`);
    if (start < floor || end <= start) refuse(`a range not below ${floor}`, `${start} to ${end}`);
    if (end > Number.MAX_SAFE_INTEGER) refuse("an end below 2^53", `${end}`);
    const area = areaOf(entry, (id) => mappable.get(id));
    if ("expected" in area) refuse(area.expected, area.found);
    else areas.push(area);
  });
  return areas;
}

function readMap(files: Files, name: string): ReadMap {
  const { pagesId, entries } = read(files, name, decodePagemap);
  return { pagesId, runs: runsOf(entries) };
}

/** Pages of a process lie in its areas. */
function checkMapped(file: string, areas: readonly Area[], runs: readonly PageRun[]): void {
  for (const { start, pageCount } of runs) {
    const end = start + pageCount * frameBytes;
    for (let vaddr = start; vaddr < end;) {
      const area = areaAt(areas, vaddr);
      if (area === undefined) throw new BadImage(file, 8, "pages inside areas", `page ${vaddr} in none`);
      vaddr = area.end;
    }
  }
}

/** Anonymous memory that areas share, which CRIU has a map for each, and files whose cached pages are in the image, which it has none for. */
function readShared(
  files: Files,
  mappable: ReadonlyMap<number, Mappable>,
  processes: readonly SavedProcess[],
): readonly (SavedShared & ReadMap)[] {
  const objects = new Set(
    processes.flatMap(({ areas }) => areas.flatMap(({ object }) => (object === undefined ? [] : [object]))),
  );
  const anonymous = [...objects].map((object) => ({ file: undefined, object, ...readMap(files, `pagemap-shmem-${object}.img`) }));
  const named = [...mappable].flatMap(([id, mapped]) => {
    const name = `pagemap-file-${id}.img`;
    return "object" in mapped || files(name) === undefined ? [] : [{ ...mapped, object: undefined, ...readMap(files, name) }];
  });
  return [...anonymous, ...named].filter(({ runs }) => runs.length > 0).toSorted((left, right) => left.pagesId - right.pagesId);
}

function pagesFilesNamed(maps: readonly ReadMap[]): readonly PagesFile[] {
  const ids = new Set<number>();
  return maps.map(({ pagesId, runs }) => {
    if (ids.has(pagesId)) throw new BadImage(pagesFileName(pagesId), 0, "a file of pages for one map", "two that name it");
    ids.add(pagesId);
    return { name: pagesFileName(pagesId), runs: runs.filter(({ kind }) => kind === "DATA") };
  });
}
