// What stands in a store, by its names.

/*
 * image-SEQ       an image: committed, or nearly
 * .tmp-SEQ-NONCE  one being written, or given up
 * .gone-SEQ       one being removed
 *
 * SEQ and NONCE are decimal, without leading zeros.
 */

/** A name of the store's. */
export interface StoreName {
  readonly kind: "image" | "temporary" | "removed";
  readonly sequence: number;
}

const patterns = [
  { kind: "image", pattern: /^image-([1-9]\d{0,8})$/ },
  { kind: "temporary", pattern: /^\.tmp-([1-9]\d{0,8})-(?:0|[1-9]\d{0,8})$/ },
  { kind: "removed", pattern: /^\.gone-([1-9]\d{0,8})$/ },
] as const;

/** What a name says; `undefined`: the store gave it to nobody. */
export function parseName(name: string): StoreName | undefined {
  for (const { kind, pattern } of patterns) {
    const sequence = pattern.exec(name)?.[1];
    if (sequence !== undefined) return { kind, sequence: Number(sequence) };
  }
  return undefined;
}

export function imageName(sequence: number): string {
  return `image-${sequence}`;
}

export function temporaryName(sequence: number, nonce: number): string {
  return `.tmp-${sequence}-${nonce}`;
}

export function removedName(sequence: number): string {
  return `.gone-${sequence}`;
}

/** The path of a name in a directory. */
export function pathIn(directory: string, name: string): string {
  if (directory === ".") return name;
  return directory.endsWith("/") ? `${directory}${name}` : `${directory}/${name}`;
}

/** The directory that a path without a slash at its end lies in. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, Math.max(slash, 1));
}

/** The last part of a path. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
