// Files that areas of the tests map, and what else they can be made of.

import type { MappedFiles } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";

/** What an area is made of. `nobody's` is a file whose bytes are unknown. */
export type Backing = "anonymous" | "shared memory" | "private file" | "shared file" | "nobody's";

/** Pages of the files; byte i of page n is n + i, but for the last page, which is zeros. */
const filePages = 3;

export const files: MappedFiles = {
  read(file, offset, target) {
    const page = offset / frameBytes;
    target.forEach((_, i) => (target[i] = page >= filePages - 1 ? 0 : page + i + file.length));
    return file === "nobody's" ? "unknown" : "known";
  },
};
