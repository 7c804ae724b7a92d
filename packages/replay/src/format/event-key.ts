// The key of an event: what it is sorted by inside a segment, so that what a question asks for lies side by side.

import { catalogue, kindNames } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";

/*
 * Keys of a machine of n frames (RAM and swap):
 *
 *     0 .. n-1               bytes written to that frame
 *     n .. n+255             state facts and notes, by the code of their kind
 *     n+256 .. 2n+255        loads from that frame
 */

/** What an event of a kind is to a recording. */
export const roles = {
  /** Bytes at an address. */
  write: 0,
  /** A whole frame became zero. */
  zeroed: 1,
  /** A whole frame became what another is. */
  copied: 2,
  load: 3,
  /** Columns that are no memory. */
  plain: 4,
  /** A detail. */
  detailed: 5,
  /** A detail, and bytes. */
  filed: 6,
} as const;

/** The role of each code of the kind column. A code that is not in the catalogue is one without meaning: plain. */
export const roleOf: Uint8Array = new Uint8Array(256).fill(roles.plain);
/** Whether this code is a state fact. */
export const isStateFact: Uint8Array = new Uint8Array(256);
for (const name of kindNames()) {
  const { code, role, columns } = catalogue[name];
  if (columns.includes("detail")) roleOf[code] = roles.detailed;
  if (role === "file") roleOf[code] = roles.filed;
  if (role === "memory") roleOf[code] = roles.write;
  if (role === "state") isStateFact[code] = 1;
}
roleOf[catalogue["frame-zeroed"].code] = roles.zeroed;
roleOf[catalogue["frame-copied"].code] = roles.copied;
roleOf[catalogue.load.code] = roles.load;

/** How many keys there are. */
export function keyCountOf(frameCount: number): number {
  return 2 * frameCount + 256;
}

/** Key of a kind that is no write and no load. */
export function kindKey(frameCount: number, code: number): number {
  return frameCount + code;
}

/** Key of loads from a frame. */
export function loadKey(frameCount: number, pfn: number): number {
  return frameCount + 256 + pfn;
}

/** What stands behind a key. */
export type KeyClass = "written" | "kind" | "loaded";

/** The class that a key belongs to. */
export function keyClass(frameCount: number, key: number): KeyClass {
  return key < frameCount ? "written" : key < frameCount + 256 ? "kind" : "loaded";
}

/** Physical address of the frame that a key of writes or loads belongs to. */
export function frameOfKey(frameCount: number, key: number): number {
  return (key < frameCount ? key : key - frameCount - 256) * frameBytes;
}
