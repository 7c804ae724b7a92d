// A refusal: bad usage or bad input, told in one line.

import { printable, quote } from "./printable.ts";

/** Thrown to end the command with exit code 2 and its message, one line, on stderr. */
export class Refusal extends Error {
  override readonly name: string = "Refusal";
}

/** What is wrong, where, what was expected and what was found. `what` is a file or a flag. */
export function refusal(what: string, expected: string, found: string, offset?: number | string): Refusal {
  const place = offset === undefined ? "" : `offset ${offset}: `;
  return new Refusal(`${printable(what)}: ${place}expected ${printable(expected)}, found ${printable(found)}`);
}

/** What the operating system said about a file, or `undefined` when the reason is none of its errors. */
export function systemRefusal(file: string, expected: string, reason: unknown): Refusal | undefined {
  const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  return refusal(file, expected, errnoText(code));
}

/** An errno in words. */
export function errnoText(code: string): string {
  const words = errnos[code];
  return words === undefined ? code : `${words} (${code})`;
}

/** A word that nobody knows, and the known one that it most resembles. */
export function unknownWord(flag: string, word: string, known: readonly string[], nearest: string | undefined): Refusal {
  const guess = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return new Refusal(`${flag}: expected ${known.join(", ")}, found ${quote(word)}${guess}`);
}

const errnos: Readonly<Record<string, string | undefined>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota used up",
  EEXIST: "something there already",
  EFBIG: "the limit on file sizes reached",
  EIO: "an input or output error",
  EISDIR: "a directory",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "a name too long for the file system",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a file where a directory must be",
  EPERM: "an operation that is not permitted",
  EROFS: "a read-only file system",
};
