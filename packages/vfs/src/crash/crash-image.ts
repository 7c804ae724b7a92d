// The image that a crash leaves: the durable one with the operations that happened to reach the disk.

import type { InodeNumber } from "../file-system.ts";
import { apply } from "./apply.ts";
import type { CrashPoint } from "./disk.ts";
import { fileIn } from "./image.ts";
import type { Image } from "./image.ts";
import { dataChange } from "./operation.ts";
import type { Operation } from "./operation.ts";
import { tornBlock } from "./tear.ts";
import type { Torn } from "./tear.ts";

/** What stands where a file grew and its bytes did not get there. */
export type Unwritten = "zeros" | "garbage";

/** What happened to reach the disk. */
export interface Choice {
  /** Operations that reached it, in the order of the calls; each with all that it depends on. */
  readonly kept: readonly Operation[];
  /** The one of them that the disk was busy with. */
  readonly torn: Torn | undefined;
  readonly unwritten: Unwritten;
}

/** How a disk is cut. */
export interface Geometry {
  readonly blockBytes: number;
  readonly sectorBytes: number;
}

/** Garbage is a byte that no UTF-8 text holds twice in a row. */
const garbageByte = 0xdb;

/** A file is filled with garbage in so many blocks at most: a hole of a terabyte is not. */
const garbageLimit = 256;

/** The image after a crash. */
export function crashImage(point: CrashPoint, choice: Choice, geometry: Geometry): Image {
  const image = choice.torn === undefined ? apply(point.durable, choice.kept) : applyTorn(point, choice, choice.torn, geometry);
  if (choice.unwritten === "zeros") return image;
  const garbage = new Uint8Array(geometry.blockBytes).fill(garbageByte);
  return apply(
    image,
    unwrittenBlocks(image, point.durable, choice.kept, geometry).map(([inode, block]) => ({
      change: dataChange(inode, block, garbage, 0, geometry.blockBytes),
    })),
  );
}

/** Blocks in which files grew without their bytes: those that read as zeros and were no hole on the disk. */
export function unwrittenBlocks(
  image: Image,
  durable: Image,
  kept: readonly Operation[],
  { blockBytes }: Geometry,
): readonly (readonly [InodeNumber, number])[] {
  const grown = new Set(kept.flatMap(({ change }) => (change.kind === "size" ? change.inode : [])));
  return [...grown].flatMap((inode) => {
    const [before, after] = [fileIn(durable, inode), fileIn(image, inode)];
    const isHole = (block: number): boolean => block * blockBytes < before.size && !before.blocks.has(block);
    const found: (readonly [InodeNumber, number])[] = [];
    for (let block = 0; block * blockBytes < after.size && found.length < garbageLimit; block++)
      if (!after.blocks.has(block) && !isHole(block)) found.push([inode, block]);
    return found;
  });
}

function applyTorn(point: CrashPoint, { kept, unwritten }: Choice, torn: Torn, geometry: Geometry): Image {
  const others = apply(
    point.durable,
    kept.filter(({ id }) => id !== torn.id),
  );
  const change = kept.find(({ id }) => id === torn.id)?.change;
  if (change?.kind !== "data") throw new RangeError(`operation ${torn.id} writes no block, and cannot be torn`);
  const { inode, block, start, end } = change;
  const nothing = new Uint8Array(geometry.blockBytes).fill(unwritten === "zeros" ? 0 : garbageByte);
  const before = fileIn(others, inode).blocks.get(block) ?? nothing;
  return apply(others, [
    { change: dataChange(inode, block, tornBlock(change, torn.arrived, before, geometry.sectorBytes), start, end) },
  ]);
}
