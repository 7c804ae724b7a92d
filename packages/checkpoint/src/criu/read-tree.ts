// A process tree read: from CRIU's files, whoever wrote them.

import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { BadImage } from "../bad-image.ts";
import type { PageRun } from "../dirty-bit/image.ts";
import { areaOf, statusBits } from "./area-entry.ts";
import { decodeCore } from "./core.ts";
import { decodeInventory } from "./inventory.ts";
import { decodeMm } from "./mm.ts";
import type { VmaEntry } from "./mm.ts";
import { decodePagemap } from "./pagemap.ts";
import { pagesFileName, runsOf } from "./pages-files.ts";
import { decodePstree } from "./pstree.ts";
import { decodeFiles } from "./reg-files.ts";
import type { PagesFile, SavedProcess, SavedShared, SavedTree } from "./saved-tree.ts";

/** A tree that was read, and where the bytes of its pages are. */
export interface ReadTree extends SavedTree {
  /** One for each map of pages, processes before shared memory. */
  readonly pagesFiles: readonly PagesFile[];
}

/** A map of pages, with the number of its file. */
interface ReadMap {
  readonly pagesId: number;
  readonly runs: readonly PageRun[];
}

/**
 * Reads the files that `files` has by name. A page that is present is DATA, whatever its bytes; one that is not listed is its file's,
 * or zero. Left out are the kernel's own area `[vsyscall]`, processes that have ended, and what of areas CRIU does not keep (see
 * `areaOf`). Throws `BadImage` for files that are missing or wrong, and for memory of kinds that cannot be brought back here
 * (huge pages, memfd, System V, sockets, guard pages).
 */
export function treeOf(files: (name: string) => Uint8Array | undefined): ReadTree {
  const read = <T>(name: string, decode: (file: string, bytes: Uint8Array) => T): T => decode(name, demand(name, files(name)));
  read("inventory.img", decodeInventory);
  const names = new Map(read("files.img", decodeFiles).map(({ id, name }) => [id, name]));
  const mtypes = new Set<number>();
  const processes: SavedProcess[] = [];
  const maps: ReadMap[] = [];
  for (const { pid, ppid } of read("pstree.img", decodePstree)) {
    const core = read(`core-${pid}.img`, decodeCore);
    if (core.tc?.taskState === taskDead || core.tc?.taskState === taskZombie) continue;
    mtypes.add(core.mtype);
    const { startBrk, brk, vmas } = read(`mm-${pid}.img`, decodeMm);
    const areas = areasOf(`mm-${pid}.img`, vmas, names);
    const map = readMap(`pagemap-${pid}.img`, files);
    checkMapped(`pagemap-${pid}.img`, areas, map.runs);
    const parentPid = processes.some((process) => process.pid === ppid) ? ppid : 0;
    processes.push({ pid, parentPid, startBrk, brk, areas, runs: map.runs });
    maps.push(map);
  }
  const shared = [...readObjects(processes, files), ...readSharedFiles(names, files)].toSorted(
    (left, right) => left.pagesId - right.pagesId,
  );
  return {
    architecture: architectureOf(mtypes),
    processes,
    shared: shared.map(({ file, object, runs }) => ({ file, object, runs })),
    pagesFiles: pagesFilesNamed([...maps, ...shared]),
  };
}

/** COMPEL_TASK_DEAD, COMPEL_TASK_ZOMBIE */
const taskDead = 2;
const taskZombie = 6;

function demand(name: string, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new BadImage(name, 0, "the file", "none of that name");
  return bytes;
}

function architectureOf(mtypes: ReadonlySet<number>): string {
  const [mtype, ...others] = mtypes;
  const name = others.length > 0 ? undefined : ({ 1: "x86-64", 8: "sv39" } as Readonly<Record<number, string>>)[mtype];
  if (name === undefined) throw new BadImage("pstree.img", 8, "processes of x86 or of RISC-V", `mtype ${[...mtypes].join(", ")}`);
  return name;
}

function areasOf(file: string, vmas: readonly VmaEntry[], names: ReadonlyMap<number, string>): readonly Area[] {
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
    if (start < floor || end <= start) refuse(`a range above ${floor}`, `${start} to ${end}`);
    if (Math.max(end, pgoff + (end - start)) > Number.MAX_SAFE_INTEGER) refuse("addresses below 2^53", `${end}, offset ${pgoff}`);
    const area = areaOf(entry, (id) => names.get(id));
    if ("expected" in area) refuse(area.expected, area.found);
    else areas.push(area);
  });
  return areas;
}

function readMap(name: string, files: (name: string) => Uint8Array | undefined): ReadMap {
  const { pagesId, entries } = decodePagemap(name, demand(name, files(name)));
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

/** Shared anonymous memory that an area maps. */
function readObjects(
  processes: readonly SavedProcess[],
  files: (name: string) => Uint8Array | undefined,
): readonly (SavedShared & ReadMap)[] {
  const objects = new Set(
    processes.flatMap(({ areas }) => areas.flatMap(({ object }) => (object === undefined ? [] : [object]))),
  );
  return [...objects].map((object) => ({ file: undefined, object, ...readMap(`pagemap-shmem-${object}.img`, files) }));
}

/** Files whose cached pages are in the image: CRIU saves none. */
function readSharedFiles(
  names: ReadonlyMap<number, string>,
  files: (name: string) => Uint8Array | undefined,
): readonly (SavedShared & ReadMap)[] {
  return [...names].flatMap(([id, file]) => {
    const name = `pagemap-file-${id}.img`;
    return files(name) === undefined ? [] : [{ file, object: undefined, ...readMap(name, files) }];
  });
}

function pagesFilesNamed(maps: readonly ReadMap[]): readonly PagesFile[] {
  const ids = new Set<number>();
  return maps.map(({ pagesId, runs }) => {
    if (ids.has(pagesId)) throw new BadImage(pagesFileName(pagesId), 0, "a file of pages for one map", "two that name it");
    ids.add(pagesId);
    return { name: pagesFileName(pagesId), runs: runs.filter(({ kind }) => kind === "DATA") };
  });
}
