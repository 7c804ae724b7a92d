// A process tree written: all of CRIU's files but those with the bytes of pages.

import { VM_EXEC, VM_SHARED } from "@pagelapse/vma";
import { entryOf } from "./area-entry.ts";
import { encodeCore } from "./core.ts";
import type { CoreEntry } from "./core.ts";
import { encodeInventory, imageVersion } from "./inventory.ts";
import { encodeMm } from "./mm.ts";
import type { MmEntry } from "./mm.ts";
import { encodePagemap } from "./pagemap.ts";
import { entriesOf, mapsOf, sharedOf } from "./pages-files.ts";
import { encodePstree } from "./pstree.ts";
import type { PstreeEntry } from "./pstree.ts";
import { encodeFiles } from "./reg-files.ts";
import type { RegFile } from "./reg-files.ts";
import type { ImageFile, SavedProcess, SavedShared, SavedTree } from "./saved-tree.ts";

/**
 * The files of a tree, one at a time; `pagesFilesOf` says what the others hold. Nothing is said of what pagelapse does not have:
 * registers, threads, open files, credentials. All processes are of the root's group and session. The program of a process is
 * taken to be the first file that it maps executable; where there is none it is a file without a name.
 */
export function* filesOf(tree: SavedTree): Generator<ImageFile> {
  const { processes } = tree;
  const files = filesNamedBy(tree);
  const ids = new Map([...files.keys()].map((name, index) => [name, index + 1]));
  const idOf = (name: string): number => ids.get(name) ?? 0;
  const maps = mapsOf(tree).map((runs, index) => encodePagemap({ pagesId: index + 1, entries: entriesOf(runs) }));

  yield { name: "inventory.img", bytes: encodeInventory({ version: imageVersion }) };
  yield { name: "pstree.img", bytes: encodePstree(processes.map((process) => pstreeEntryOf(process, processes[0].pid))) };
  yield { name: "files.img", bytes: encodeFiles([...files].map(([name, flags]) => regFile(idOf(name), flags, name))) };
  for (const [index, process] of processes.entries()) {
    const program = programOf(process);
    yield { name: `core-${process.pid}.img`, bytes: encodeCore(coreOf(tree.architecture, program)) };
    yield { name: `mm-${process.pid}.img`, bytes: encodeMm(mmOf(process, idOf(program), idOf)) };
    yield { name: `pagemap-${process.pid}.img`, bytes: maps[index] };
  }
  for (const [index, memory] of sharedOf(tree).entries()) {
    yield { name: sharedMapName(memory, idOf), bytes: maps[processes.length + index] };
  }
}

/** O_RDWR; O_RDONLY is 0. */
const readWrite = 2;

/** CRIU's name where it has one: it saves no pages of files, for which the disk stands. */
function sharedMapName({ file, object }: SavedShared, idOf: (name: string) => number): string {
  return file === undefined ? `pagemap-shmem-${object}.img` : `pagemap-file-${idOf(file)}.img`;
}

/** The files that are mapped or run, and the O_* each is opened with: O_RDWR where a store through a mapping reaches it. */
function filesNamedBy(tree: SavedTree): ReadonlyMap<string, number> {
  const files = new Map<string, number>();
  const name = (file: string, flags: number): void => void files.set(file, Math.max(files.get(file) ?? 0, flags));
  for (const process of tree.processes) {
    name(programOf(process), 0);
    for (const { file, flags } of process.areas) if (file !== undefined) name(file, (flags & VM_SHARED) === 0 ? 0 : readWrite);
  }
  for (const { file } of sharedOf(tree)) if (file !== undefined) name(file, readWrite);
  return files;
}

function programOf({ areas }: SavedProcess): string {
  return areas.find(({ file, flags }) => file !== undefined && (flags & VM_EXEC) !== 0)?.file ?? "";
}

function pstreeEntryOf({ pid, parentPid }: SavedProcess, rootPid: number): PstreeEntry {
  return { pid, ppid: parentPid, pgid: rootPid, sid: rootPid, threads: [pid] };
}

function coreOf(architecture: string, program: string): CoreEntry {
  const tc = { taskState: 1, exitCode: 0, personality: 0, flags: 0, blockedSignals: 0n, comm: nameOf(program) };
  return { mtype: architecture === "sv39" ? 8 : 1, tc };
}

/** The name that Linux would show: the path's last part, cut to 15 bytes. */
function nameOf(program: string): string {
  const name = program.slice(program.lastIndexOf("/") + 1);
  let cut = name;
  while (new TextEncoder().encode(cut).length > 15) cut = cut.slice(0, -1);
  return cut;
}

function mmOf({ startBrk, brk, areas }: SavedProcess, exeFileId: number, idOf: (name: string) => number): MmEntry {
  const startStack = areas.find(({ name }) => name === "[stack]")?.start ?? 0;
  const unknown = { startCode: 0, endCode: 0, startData: 0, endData: 0, argStart: 0, argEnd: 0, envStart: 0, envEnd: 0 };
  const vmas = areas.map((area) => entryOf(area, area.file === undefined ? undefined : idOf(area.file)));
  return { ...unknown, startStack, startBrk, brk, exeFileId, vmas };
}

function regFile(id: number, flags: number, name: string): RegFile {
  return { id, flags, pos: 0, fown: { uid: 0, euid: 0, signum: 0, pidType: 0, pid: 0 }, name };
}
