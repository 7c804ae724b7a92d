// files.img: the files that areas map, each with a number.

import { message, nested, optional, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeRecords, encodeAll } from "./record-file.ts";
import { text, uint32, uint64 } from "./scalars.ts";

/** `reg_file_entry`: a regular file. */
export interface RegFile {
  readonly id: number;
  /** O_* with which it is opened. */
  readonly flags: number;
  /** Position in it. */
  readonly pos: number;
  readonly fown: FileOwner;
  readonly name: string;
}

/** `fown_entry`: who is sent signals about it. */
export interface FileOwner {
  readonly uid: number;
  readonly euid: number;
  readonly signum: number;
  readonly pidType: number;
  readonly pid: number;
}

/** `memfd_file_entry`: memory of `memfd_create`, and shared anonymous memory as CRIU has saved it since version 3.15. */
export interface MemfdFile {
  readonly id: number;
  /** Of its entry in memfd.img. */
  readonly inodeId: number;
}

/** What files.img says of files that can be mapped. */
export interface MappableFiles {
  readonly regular: readonly RegFile[];
  readonly memfd: readonly MemfdFile[];
}

/** `file_entry`: a file of any type; `reg` where it is a regular one, `memfd` where it is that. */
interface FileEntry {
  /** `fd_types` */
  readonly type: number;
  readonly id: number;
  readonly reg: RegFile | undefined;
  readonly memfd: MemfdFile | undefined;
}

const regularType = 1;
const memfdType = 18;

const fownEntry: MessageType<FileOwner> = message("fown_entry", {
  uid: required(1, uint32),
  euid: required(2, uint32),
  signum: required(3, uint32),
  pidType: required(4, uint32),
  pid: required(5, uint32),
});

const regFileEntry: MessageType<RegFile> = message("reg_file_entry", {
  id: required(1, uint32),
  flags: required(2, uint32),
  pos: required(3, uint64),
  fown: required(5, nested(fownEntry)),
  name: required(6, text),
});

const memfdFileEntry: MessageType<MemfdFile> = message("memfd_file_entry", {
  id: required(1, uint32),
  inodeId: required(5, uint32),
});

const fileEntry: MessageType<FileEntry> = message("file_entry", {
  type: required(1, uint32),
  id: required(2, uint32),
  reg: optional(3, nested(regFileEntry)),
  memfd: optional(20, nested(memfdFileEntry)),
});

/** files.img, of regular files. */
export function encodeFiles(files: readonly RegFile[]): Uint8Array {
  return encodeAll(
    "files",
    fileEntry,
    files.map((reg) => ({ type: regularType, id: reg.id, reg, memfd: undefined })),
  );
}

/** Reads files.img. What nobody can map (sockets, pipes) is passed over. Throws `BadImage`, also for an id given twice. */
export function decodeFiles(file: string, bytes: Uint8Array): MappableFiles {
  const ids = new Set<number>();
  const regular: RegFile[] = [];
  const memfd: MemfdFile[] = [];
  for (const record of decodeRecords("files", file, bytes)) {
    const entry = record.message(fileEntry);
    const { type, id } = entry;
    if (ids.has(id)) record.refuse(0, "an id that no file before has", `${id}`);
    ids.add(id);
    if (type !== regularType && type !== memfdType) continue;
    const said = type === regularType ? entry.reg : entry.memfd;
    if (said?.id !== id)
      record.refuse(0, `what file ${id} is, of type ${type}`, said === undefined ? "nothing" : `file ${said.id}`);
    if (type === regularType && entry.reg !== undefined) regular.push(entry.reg);
    if (type === memfdType && entry.memfd !== undefined) memfd.push(entry.memfd);
  }
  return { regular, memfd };
}
