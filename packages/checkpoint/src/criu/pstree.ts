// pstree.img: the processes of a tree, and whose child each is.

import { message, repeated, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeRecords, encodeAll } from "./record-file.ts";
import { uint32 } from "./scalars.ts";

/** `pstree_entry`. */
export interface PstreeEntry {
  readonly pid: number;
  /** The parent's pid; 0 for the root, and here for every process whose parent is not in the image. */
  readonly ppid: number;
  /** Process group and session. */
  readonly pgid: number;
  readonly sid: number;
  /** Thread ids, the process's own among them. None for a process that has ended. */
  readonly threads: readonly number[];
}

const pstreeEntry: MessageType<PstreeEntry> = message("pstree_entry", {
  pid: required(1, uint32),
  ppid: required(2, uint32),
  pgid: required(3, uint32),
  sid: required(4, uint32),
  threads: repeated(5, uint32),
});

/** The file: the root first, each process after its parent. */
export function encodePstree(entries: readonly PstreeEntry[]): Uint8Array {
  return encodeAll("pstree", pstreeEntry, entries);
}

/** Reads the file. Throws `BadImage`, also for a pid that comes twice and a process that stands before its parent. */
export function decodePstree(file: string, bytes: Uint8Array): readonly PstreeEntry[] {
  const pids = new Set<number>();
  return decodeRecords("pstree", file, bytes).map((record) => {
    const entry = record.message(pstreeEntry);
    const refuse = (expected: string, found: string): never => record.refuse(0, expected, found);
    if (entry.pid === 0 || pids.has(entry.pid)) refuse("a pid that no process before has", `${entry.pid}`);
    if (entry.ppid !== 0 && !pids.has(entry.ppid)) refuse("a process after its parent", `${entry.pid}, child of ${entry.ppid}`);
    pids.add(entry.pid);
    return entry;
  });
}
