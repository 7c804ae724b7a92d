// files.img: the files that areas map, each with a number.

import { BadImage } from "../bad-image.ts";
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

/** `file_entry`: a file of any type; `reg` where it is a regular one. */
interface FileEntry {
  /** `fd_types`: 1 is REG. */
  readonly type: number;
  readonly id: number;
  readonly reg: RegFile | undefined;
}

const regularType = 1;

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

const fileEntry: MessageType<FileEntry> = message("file_entry", {
  type: required(1, uint32),
  id: required(2, uint32),
  reg: optional(3, nested(regFileEntry)),
});

/** files.img */
export function encodeFiles(files: readonly RegFile[]): Uint8Array {
  return encodeAll(
    "files",
    fileEntry,
    files.map((reg) => ({ type: regularType, id: reg.id, reg })),
  );
}

/** Reads files.img. Files that are not regular ones (sockets, pipes) are passed over. Throws `BadImage`, also for an id given twice. */
export function decodeFiles(file: string, bytes: Uint8Array): readonly RegFile[] {
  const ids = new Set<number>();
  return decodeRecords("files", file, bytes).flatMap((record) => {
    const { type, id, reg } = record.message(fileEntry);
    const refuse = (expected: string, found: string): never => {
      throw new BadImage(file, record.base, expected, found);
    };
    if (ids.has(id)) refuse("an id that no file before has", `${id}`);
    ids.add(id);
    if (type !== regularType) return [];
    if (reg === undefined) return refuse(`a regular file with its name`, `file ${id} without`);
    return reg.id === id ? [reg] : refuse(`the id ${id} again`, `${reg.id}`);
  });
}
