// The notation of these tests: one operation a line, such as `open f a rw+creat`, and its result as a word.

import { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from "@pagelapse/vfs";

/**
 * ```
 * mkdir P | mkdir P 700 | rmdir P | readdir P | chdir P | unlink P | link P Q | symlink TARGET P | readlink P | rename P Q
 * stat P | lstat P | open F P rw+creat+excl+trunc+append+dir+nofollow [644]
 * close F | read F 4 | write F text | pread F 4 100 | pwrite F text 100 | truncate F 10 | fsync F | fstat F
 * ```
 * `""` is the empty word and `x*300` the letter 300 times. A result is `ok`, an errno, a number of bytes, or text, with
 * a dot for each zero byte.
 */
export type Line = string;

/** Something that operations can be done to. Slots (`f`, `g`, ...) hold open files. */
export type World = Readonly<Record<string, (...words: string[]) => string>>;

/** Where every world begins: deep enough that no path here climbs over the root. */
export const home = "/w/w";

/** Does one line. */
export function perform(world: World, line: Line): string {
  const [verb, ...words] = line.split(" ").map(expand);
  return world[verb](...words);
}

/** The number that open(2) takes. */
export function flagsOf(word: string): number {
  return word.split("+").reduce((flags, name) => flags | flagNumbers[name], 0);
}

/** An octal mode, 666 unless given. */
export function modeOf(word = "666"): number {
  return Number.parseInt(word, 8);
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Bytes as text, `""` for none. */
export function textOf(bytes: Uint8Array): string {
  return bytes.length === 0 ? '""' : Array.from(bytes, (byte) => (byte === 0 ? "." : String.fromCharCode(byte))).join("");
}

/** What is compared of an inode. A directory's size and links are the file system's own affair, but for their end. */
export function describeInode(kind: string, linkCount: number, size: number): string {
  if (kind === "directory") return linkCount === 0 ? "directory removed" : "directory";
  return `${kind} ${linkCount} ${size}`;
}

const flagNumbers: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  w: O_WRONLY,
  rw: O_RDWR,
  neither: O_WRONLY | O_RDWR,
  creat: O_CREAT,
  excl: O_EXCL,
  trunc: O_TRUNC,
  append: O_APPEND,
  dir: O_DIRECTORY,
  nofollow: O_NOFOLLOW,
};

function expand(word: string): string {
  const repeated = /^(.)\*(\d+)$/.exec(word);
  return word === '""' ? "" : repeated === null ? word : repeated[1].repeat(Number(repeated[2]));
}
