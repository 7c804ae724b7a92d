// Ranges of memory as they are given by hand: ADDR, ADDR,N, or -p for physical memory.

import { frameBytes } from "@pagelapse/mmu";
import { parseAddressText } from "./address.ts";
import type { Session } from "./session.ts";
import type { WatchedPlace } from "./stop.ts";
import { quote } from "../printable.ts";
import { formatAddress } from "../quantity.ts";
import { Refusal } from "../refusal.ts";

/** As help shows it. */
export const rangeUsage = "[-p] ADDR[,N]";

/** Bytes that a range may have. */
const byteLimit = 2 ** 20;

/** Reads a range; `byteCount` is how long it is unless it says so. Throws a `Refusal`. */
export async function parseRange(session: Session, text: string, byteCount: number): Promise<WatchedPlace> {
  const [, flag, address, count] = /^(?:(-p)\s+)?(.*?)(?:,\s*(0x[0-9a-f]{1,8}|\d{1,9}))?$/i.exec(text.trim()) ?? [];
  const length = count === undefined ? byteCount : Number(count);
  if (length < 1 || length > byteLimit) throw new Refusal(`expected 1 to ${byteLimit} bytes, found ${quote(count)}`);
  if (flag === "-p") return physical(session, parseAddressText(address, []), length);
  const { index, areas } = await session.looked();
  return { space: "virtual", task: index, address: parseAddressText(address, areas), byteCount: length };
}

function physical({ timeline }: Session, address: number, byteCount: number): WatchedPlace {
  const { ramFrames, swapFrames } = timeline.machine;
  const size = (ramFrames + swapFrames) * frameBytes;
  if (address + byteCount <= size) return { space: "physical", address, byteCount };
  throw new Refusal(`expected physical memory below ${formatAddress(size)}, found ${formatAddress(address)}`);
}
