// The text of /proc/PID/maps, read and written as Linux prints it on a 64-bit machine: proc(5), `show_map_vma`.

import { isAnonymous } from "./area.ts";
import type { Area } from "./area.ts";
import { BadMaps } from "./bad-maps.ts";
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from "./vm-flags.ts";

/**
 * One line:
 *
 *     55d0c8a31000-55d0c8a33000 r--s 00002000 08:01 1835021                    /usr/lib/a file (deleted)
 *     start        end          |||| offset   |  |  inode                      name, from column 74 on
 *                               |||'- s: VM_MAYSHARE, p: not   |  '- minor number of the device, hexadecimal
 *                               rwx: VM_READ, VM_WRITE, VM_EXEC '- its major number
 */
export interface MapsEntry {
  /** Address of the first byte, and after the last: multiples of 4096 below 2^64, which numbers hold exactly. */
  readonly start: number;
  readonly end: number;
  /** VM_READ, VM_WRITE, VM_EXEC, VM_MAYSHARE: what the four letters say. */
  readonly flags: number;
  /** Bytes into the file; 0 without a file. */
  readonly offset: number;
  readonly major: number;
  readonly minor: number;
  /** 0 without a file. Some file systems number beyond 2^53. */
  readonly inode: bigint;
  /**
   * A path with ` (deleted)` behind it if no name leads there any more, `[heap]` and the like, or nothing. Linux writes a newline as
   * `\012` and a backslash as itself: a file that has these four characters in its name is taken for one with a newline.
   */
  readonly name: string;
}

/** What the columns before the name say about a file. */
export interface MapsFile {
  readonly major: number;
  readonly minor: number;
  readonly inode: bigint;
}

const nameColumn = 73;
const nowhere: MapsFile = { major: 0, minor: 0, inode: 0n };

/** The line for an area. The offset of anonymous memory is not shown. */
export function mapsEntry(area: Area, file: MapsFile = nowhere): MapsEntry {
  const { start, end, name } = area;
  const flags = area.flags & (VM_READ | VM_WRITE | VM_EXEC | VM_MAYSHARE);
  return { start, end, flags, offset: isAnonymous(area) ? 0 : area.offset, ...file, name };
}

/** Prints lines, each with its newline. */
export function formatMaps(entries: readonly MapsEntry[]): string {
  return entries.map((entry) => `${formatEntry(entry)}\n`).join("");
}

/** Reads lines back. What is no line that Linux prints, or does not lie above the line before it, throws `BadMaps`. */
export function parseMaps(text: string): readonly MapsEntry[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let floor = 0;
  return lines.map((line, index) => {
    const entry = parseEntry(line, index + 1, floor);
    floor = entry.end;
    return entry;
  });
}

function formatEntry(entry: MapsEntry): string {
  const letter = (flag: number, set: string, clear: string): string => ((entry.flags & flag) === 0 ? clear : set);
  const rights =
    letter(VM_READ, "r", "-") + letter(VM_WRITE, "w", "-") + letter(VM_EXEC, "x", "-") + letter(VM_MAYSHARE, "s", "p");
  const device = `${hex(entry.major, 2)}:${hex(entry.minor, 2)}`;
  const columns = `${hex(entry.start, 8)}-${hex(entry.end, 8)} ${rights} ${hex(entry.offset, 8)} ${device} ${entry.inode} `;
  return entry.name === "" ? columns : columns.padEnd(nameColumn) + entry.name.replaceAll("\n", "\\012");
}

function parseEntry(line: string, lineNumber: number, floor: number): MapsEntry {
  let at = 0;
  const refuse = (expected: string, found: string): never => {
    throw new BadMaps(lineNumber, at + 1, expected, found);
  };
  const take = (pattern: RegExp, expected: string): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(line)?.[0];
    if (found === undefined) return refuse(expected, line.slice(at, at + 20));
    at += found.length;
    return found;
  };
  const page = (expected: string): number => {
    const digits = take(/[0-9a-f]{8,16}/y, expected);
    if (digits.endsWith("000")) return Number.parseInt(digits, 16);
    return refuse(`${expected} that is a multiple of 4096`, digits);
  };
  const number = (expected: string): number => Number.parseInt(take(/[0-9a-f]{1,8}/y, expected), 16);
  const space = (): string => take(/ /y, "a space");

  const start = page("a start address in hexadecimal");
  if (start < floor) refuse(`a start at or above ${hex(floor, 8)}`, hex(start, 8));
  take(/-/y, "'-' between start and end");
  const end = page("an end address in hexadecimal");
  if (end <= start) refuse(`an end above ${hex(start, 8)}`, hex(end, 8));
  space();
  const rights = take(/[r-][w-][x-][ps]/y, "rights such as rw-p");
  space();
  const offset = page("an offset in hexadecimal");
  space();
  const major = number("a device's major number in hexadecimal");
  take(/:/y, "':' between major and minor number");
  const minor = number("a device's minor number in hexadecimal");
  space();
  const inode = BigInt(take(/\d{1,20}/y, "an inode number"));
  if (at < line.length) take(/ +/y, "a space");
  const name = line.slice(at).replaceAll("\\012", "\n");
  const flags = [VM_READ, VM_WRITE, VM_EXEC].reduce(
    (all, flag, i) => (rights[i] === "-" ? all : all | flag),
    rights[3] === "s" ? VM_MAYSHARE : 0,
  );
  return { start, end, flags, offset, major, minor, inode, name };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
