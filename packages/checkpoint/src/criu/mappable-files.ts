// What areas can map, by the number that files.img gives it.

import { BadImage } from "../bad-image.ts";
import type { Mappable } from "./area-entry.ts";
import { read } from "./image-files.ts";
import type { Files } from "./image-files.ts";
import { decodeMemfd } from "./memfd.ts";
import { decodeFiles } from "./reg-files.ts";

/** Files by their names, and what has no name by the shared memory behind it. Throws `BadImage`. */
export function readMappable(files: Files): ReadonlyMap<number, Mappable> {
  const { regular, memfd } = read(files, "files.img", decodeFiles);
  const inodes = memfd.length === 0 ? [] : read(files, "memfd.img", decodeMemfd);
  const objects = new Map(inodes.map(({ inodeId, shmid }) => [inodeId, shmid]));
  const mappable = new Map<number, Mappable>(regular.map(({ id, name }) => [id, { file: name }]));
  for (const { id, inodeId } of memfd) {
    const object = objects.get(inodeId);
    if (object === undefined)
      throw new BadImage("memfd.img", 8, `inode ${inodeId}, which file ${id} names`, "none of that number");
    mappable.set(id, { object });
  }
  return mappable;
}
