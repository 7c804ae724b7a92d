// What `valgrind -d` prints of a program's address space: the layouts at client startup and at client shutdown.

import { PROT_EXEC, PROT_READ, PROT_WRITE } from "@pagelapse/vma";
import { BadTrace } from "./bad-trace.ts";

/*
 *     --PID:1: aspacem <<< SHOW_SEGMENTS: Memory layout at client startup (34 segments)
 *     --PID:1: aspacem (1,49,7) /usr/bin/true
 *     --PID:1: aspacem   1: file 0000108000-0000109fff    8192 r---- d=0xfe00 i=260958  o=0       (1,49)
 *     --PID:1: aspacem  10: anon 0004035000-0004035fff    4096 rwx--
 *     --PID:1: aspacem  24: RSVN 1ffe801000-1ffeffefff 8380416 ----- SmUpper
 *     --PID:1: aspacem >>>
 *
 * Kinds in small letters are the program's; RSVN with SmUpper is the room into which the stack above it may grow. The
 * end is the last byte. Valgrind 3.19, coregrind/m_aspacemgr/aspacemgr-linux.c: `show_nsegment_full`.
 */

/** A mapping of the program. */
export interface LayoutSegment {
  readonly start: number;
  /** Address after its last byte. */
  readonly end: number;
  /** PROT_* */
  readonly prot: number;
  /** The file it maps; `undefined`: anonymous. */
  readonly file: string | undefined;
  /** Bytes into the file. */
  readonly offset: number;
  /** Whether it is the stack. */
  readonly role: "stack" | "other";
}

/** The program's mappings, sorted, when it began and when it ended; the latter `undefined` when that was not printed. */
export interface ValgrindLayout {
  readonly startup: readonly LayoutSegment[];
  readonly shutdown: readonly LayoutSegment[] | undefined;
}

const heading = /^--\d+:\d+: *aspacem <<< SHOW_SEGMENTS: Memory layout at client (startup|shutdown) /;
const ending = /^--\d+:\d+: *aspacem >>>/;
const nameLine = /^--\d+:\d+: *aspacem \((\d+),\d+,\d+\) (.*)$/;
const segmentLine =
  /^--\d+:\d+: *aspacem +\d+: (file|anon|shm |FILE|ANON|SHM |RSVN|    ) ([0-9a-f]{10,16})-([0-9a-f]{10,16}) +\d+[mgte]?(?: (.*))?$/i;
const otherLine = /^--\d+:\d+: *aspacem (\d+ segment names in|freelist )/;
const detail = /^([r-])([w-])([x-])..(?: .*?o=(\d+) +\((\d+),\d+\))?/;

/** Reads the text. What is no part of a layout is passed over. Throws `BadTrace`, also when there is no layout at startup. */
export function parseValgrindLayout(text: string): ValgrindLayout {
  const found: { startup?: readonly LayoutSegment[]; shutdown?: readonly LayoutSegment[] } = {};
  let table: LayoutTable | undefined;
  let offset = 0;
  text.split("\n").forEach((line, index) => {
    const start = heading.exec(line);
    if (start !== null) table = new LayoutTable(start[1] === "startup" ? "startup" : "shutdown");
    else if (table !== undefined && ending.test(line)) {
      found[table.moment] = table.segments;
      table = undefined;
    } else if (table !== undefined && !table.takes(line)) {
      throw new BadTrace(
        { offset, line: index + 1 },
        "a segment of a memory layout, as valgrind -d prints it",
        JSON.stringify(line.slice(0, 80)),
      );
    }
    offset += line.length + 1;
  });
  const place = { offset: text.length, line: text.split("\n").length };
  if (table !== undefined)
    throw new BadTrace(place, `the end of the memory layout at client ${table.moment}`, "the end of the text");
  if (found.startup === undefined)
    throw new BadTrace(place, 'a "Memory layout at client startup", as valgrind -d prints it', "the end of the text");
  return { startup: found.startup, shutdown: found.shutdown };
}

/** One layout as its lines are read. */
class LayoutTable {
  readonly moment: "startup" | "shutdown";
  readonly segments: LayoutSegment[] = [];
  readonly #names: Map<number, string> = new Map();
  /** Where the room for a stack ends. */
  #roomEnd = -1;
  #end = 0;

  constructor(moment: "startup" | "shutdown") {
    this.moment = moment;
  }

  /** Takes a line in, or says that it is none of a layout. */
  takes(line: string): boolean {
    const name = nameLine.exec(line);
    if (name !== null) this.#names.set(Number(name[1]), name[2]);
    if (name !== null || otherLine.test(line)) return true;
    const found = segmentLine.exec(line);
    if (found === null) return false;
    const kind = found[1].trim();
    const start = Number.parseInt(found[2], 16);
    const end = Number.parseInt(found[3], 16) + 1;
    if (start < this.#end || end <= start) return false;
    this.#end = end;
    if (kind === "RSVN" && found[4]?.includes("SmUpper")) this.#roomEnd = end;
    return kind === kind.toUpperCase() || this.#takesOwn(kind, start, end, found[4] ?? "");
  }

  #takesOwn(kind: string, start: number, end: number, text: string): boolean {
    const found = detail.exec(text);
    if (found === null || (start & 4095) !== 0 || (end & 4095) !== 0) return false;
    const prot = (found[1] === "r" ? PROT_READ : 0) | (found[2] === "w" ? PROT_WRITE : 0) | (found[3] === "x" ? PROT_EXEC : 0);
    const isFile = kind === "file";
    if (isFile && found[4] === undefined) return false;
    this.segments.push({
      start,
      end,
      prot,
      file: isFile ? (this.#names.get(Number(found[5])) ?? `file ${found[5]}`) : undefined,
      offset: isFile ? Number(found[4]) : 0,
      role: start === this.#roomEnd ? "stack" : "other",
    });
    return true;
  }
}
