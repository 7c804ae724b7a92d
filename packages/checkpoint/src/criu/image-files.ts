// The files of an image directory, by name.

import { BadImage } from "../bad-image.ts";

/** The bytes of a file by its name in the directory; `undefined`: there is none. */
export type Files = (name: string) => Uint8Array | undefined;

/** Decodes a file that must be there: throws `BadImage` where it is not. */
export function read<T>(files: Files, name: string, decode: (file: string, bytes: Uint8Array) => T): T {
  const bytes = files(name);
  if (bytes === undefined) throw new BadImage(name, 0, "the file", "none of that name");
  return decode(name, bytes);
}
