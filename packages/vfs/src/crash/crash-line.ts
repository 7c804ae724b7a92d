// A crash as one line of text, by which it comes again: `crash@17 posix kept={1-4,6} torn=6:0-512 unwritten=garbage`.

import { BadLine, wordsOf } from "../bad-line.ts";
import type { Word } from "../bad-line.ts";
import type { Unwritten } from "./crash-image.ts";
import { printRanges } from "./tear.ts";
import type { ByteRange, Torn } from "./tear.ts";

/** What a line says. */
export interface CrashLine {
  /** The crash point, counted from 0. */
  readonly point: number;
  readonly profile: string;
  /** Ids of the operations that reached the disk. */
  readonly kept: readonly number[];
  readonly torn: Torn | undefined;
  readonly unwritten: Unwritten;
}

/** Prints a crash. Nothing torn and zeros for what was not written are left out. */
export function printCrash({ point, profile, kept, torn, unwritten }: CrashLine): string {
  const words = [`crash@${point}`, profile, `kept={${printIds(kept)}}`];
  if (torn !== undefined) words.push(`torn=${torn.id}:${printRanges(torn.arrived)}`);
  if (unwritten === "garbage") words.push("unwritten=garbage");
  return words.join(" ");
}

/** Reads a line. Throws `BadLine`. */
export function parseCrash(line: string): CrashLine {
  const words = [...wordsOf(line)];
  const end: Word = { text: "", offset: line.length };
  const [point, profile, kept] = [words.shift() ?? end, words.shift() ?? end, words.shift() ?? end];
  const [, at] = match(line, point, /^crash@(\d{1,15})$/, "crash@ and the number of a crash point");
  match(line, profile, /^[^={}]+$/, "the name of a profile");
  const [, ids] = match(line, kept, /^kept=\{([\d,-]*)\}$/, "kept={...} with numbers and ranges between");
  const torn = words.at(0)?.text.startsWith("torn=") ? parseTorn(line, words.shift() ?? end) : undefined;
  const garbage = words.shift();
  if (garbage !== undefined) match(line, garbage, /^unwritten=garbage$/, "unwritten=garbage");
  const [rest] = words;
  if (rest !== undefined) throw new BadLine(line, rest.offset, "the end", rest.text);
  return {
    point: Number(at),
    profile: profile.text,
    kept: parseIds(line, { text: ids, offset: kept.offset + "kept={".length }),
    torn,
    unwritten: garbage === undefined ? "zeros" : "garbage",
  };
}

/** More operations than this are not kept by name: a line that says so is no line of ours. */
const idLimit = 1_000_000;
const idsExpected = "numbers from 1 on that grow, as 1-4,6";

function printIds(ids: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    if (run?.last === id - 1) run.last = id;
    else runs.push({ first: id, last: id });
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

function parseIds(line: string, { text, offset }: Word): readonly number[] {
  const ids: number[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const [, first, last] = match(line, { text: part, offset }, /^([1-9]\d{0,14})(?:-(\d{1,15}))?$/, idsExpected).map(Number);
    const end = Number.isNaN(last) ? first : last;
    if (end < first || end - first >= idLimit || first <= (ids.at(-1) ?? 0)) throw new BadLine(line, offset, idsExpected, part);
    for (let id = first; id <= end; id++) ids.push(id);
  }
  return ids;
}

function parseTorn(line: string, word: Word): Torn {
  const [, id, ranges] = match(line, word, /^torn=(\d{1,15}):([\d+-]+)$/, "torn=, a number and ranges of bytes");
  const arrived = ranges.split("+").map((range): ByteRange => {
    const part = { text: range, offset: word.offset };
    const [, start, end] = match(line, part, /^(\d{1,9})-(\d{1,9})$/, "a range of bytes, as 0-512").map(Number);
    return { start, end };
  });
  return { id: Number(id), arrived };
}

function match(line: string, { text, offset }: Word, pattern: RegExp, expected: string): RegExpExecArray {
  const found = pattern.exec(text);
  if (found === null) throw new BadLine(line, offset, expected, text);
  return found;
}
