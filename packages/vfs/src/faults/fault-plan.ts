// Which calls of a file system fail, and how: plain data, and one line of text, such as `7 EIO lost; 12.. ENOSPC; 15 short 1`.

import { BadLine, wordsOf } from "../bad-line.ts";
import type { Word } from "../bad-line.ts";
import { isErrno } from "../errno.ts";
import type { Errno } from "../errno.ts";
import type { WriteBackFailure } from "../write-back.ts";

/**
 * What happens instead of a call, or to it.
 *
 * - `refused`: nothing is done, and it fails. Of fsync: the bytes are kept, and another one writes them.
 * - `done`: it is done, and fails all the same; who called cannot know.
 * - `short`: a read or write takes so many bytes at most; 0 is none, and no error.
 * - `lost`, `clean`: an fsync fails and the disk refuses the bytes (`WriteBackFailure`).
 */
export type FaultEffect =
  | { readonly kind: "refused" | "done" | WriteBackFailure; readonly errno: Errno }
  | { readonly kind: "short"; readonly byteCount: number };

/** One fault. */
export interface Fault {
  /** The call that it happens to, counted from 1 over all calls of a `FaultyFileSystem`. */
  readonly call: number;
  /** `once`, or to every call from this one on that can fail so. */
  readonly repeat: "once" | "from-then-on";
  readonly effect: FaultEffect;
}

/** The faults of a run. Where two happen to one call, the first one does. */
export type FaultPlan = readonly Fault[];

/** Prints a plan; `none` if it has no fault. */
export function printFaultPlan(plan: FaultPlan): string {
  return plan.length === 0 ? "none" : plan.map(printFault).join("; ");
}

/** Reads a plan. Throws `BadLine`. */
export function parseFaultPlan(line: string): FaultPlan {
  if (line === "none") return [];
  let offset = 0;
  return line.split(";").map((part) => {
    const fault = parseFault(line, wordsOf(part, offset), offset + part.length);
    offset += part.length + 1;
    return fault;
  });
}

function printFault({ call, repeat, effect }: Fault): string {
  const place = repeat === "once" ? `${call}` : `${call}..`;
  if (effect.kind === "short") return `${place} short ${effect.byteCount}`;
  return effect.kind === "refused" ? `${place} ${effect.errno}` : `${place} ${effect.errno} ${effect.kind}`;
}

function parseFault(line: string, words: readonly Word[], endOffset: number): Fault {
  const end: Word = { text: "", offset: endOffset };
  const [place = end, what = end, how = end, rest] = words;
  const found = /^([1-9]\d{0,14})(\.\.)?$/.exec(place.text);
  if (found === null) throw new BadLine(line, place.offset, "the number of a call, as 7 or 7..", place.text);
  if (rest !== undefined) throw new BadLine(line, rest.offset, "; or the end", rest.text);
  return {
    call: Number(found[1]),
    repeat: found[2] === undefined ? "once" : "from-then-on",
    effect: what.text === "short" ? parseShort(line, how) : parseErrno(line, what, how),
  };
}

function parseShort(line: string, { text, offset }: Word): FaultEffect {
  if (!/^\d{1,15}$/.test(text)) throw new BadLine(line, offset, "a number of bytes", text);
  return { kind: "short", byteCount: Number(text) };
}

function parseErrno(line: string, { text, offset }: Word, how: Word): FaultEffect {
  if (!isErrno(text)) throw new BadLine(line, offset, "an errno or `short`", text);
  switch (how.text) {
    case "":
      return { kind: "refused", errno: text };
    case "done":
    case "lost":
    case "clean":
      return { kind: how.text, errno: text };
    default:
      throw new BadLine(line, how.offset, "`done`, `lost`, `clean` or the end", how.text);
  }
}
