// What two processes read of mapped files, in memory or not.

import { peekPage } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";

/** Tells of each page of a file that `expected` maps and `actual`, which maps it too, reads otherwise: files may have lost bytes. */
export function compareMappedFiles(expected: ProcessView, actual: ProcessView, tell: (vaddr: number) => void): void {
  const [left, right] = [new Uint8Array(frameBytes), new Uint8Array(frameBytes)];
  for (const { file, start, end } of expected.space.areas) {
    if (file === undefined) continue;
    for (let vaddr = start; vaddr < end; vaddr += frameBytes) {
      const seen = [peekPage(expected, vaddr, left), peekPage(actual, vaddr, right)];
      if (seen.some((each) => each === "unmapped" || each === "unknown")) continue;
      if (left.some((byte, at) => byte !== right[at])) tell(vaddr);
    }
  }
}
