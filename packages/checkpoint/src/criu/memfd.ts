// memfd.img: memory of `memfd_create`, and shared anonymous memory, where CRIU finds both on one device, as on Linux today.

import { message, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeRecords } from "./record-file.ts";
import { uint32, uint64 } from "./scalars.ts";

/** `memfd_inode_entry`, as far as it says where the pages are. */
export interface MemfdInode {
  /** Of `pagemap-shmem-ID.img`. */
  readonly shmid: number;
  readonly inodeId: number;
}

const memfdInodeEntry: MessageType<MemfdInode> = message("memfd_inode_entry", {
  shmid: required(5, uint32),
  inodeId: required(7, uint64),
});

/** Reads the file. Throws `BadImage`, also for an inode that comes twice. */
export function decodeMemfd(file: string, bytes: Uint8Array): readonly MemfdInode[] {
  const ids = new Set<number>();
  return decodeRecords("memfd", file, bytes).map((record) => {
    const inode = record.message(memfdInodeEntry);
    if (ids.has(inode.inodeId)) record.refuse(0, "an inode that did not come before", `${inode.inodeId}`);
    ids.add(inode.inodeId);
    return inode;
  });
}
