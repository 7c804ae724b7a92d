// What a page's entry says: its flags, its place, and both as JSON.

import { entryFlags, formatAddress, frameBytes } from "@pagelapse/mmu";
import type { Architecture, Entry, Level, Mapping } from "@pagelapse/mmu";

/** The manual's names of an entry's flags; what is PS above the last level is PAT there. */
export function levelFlags(architecture: Architecture, level: Level, entry: Entry): readonly string[] {
  const isLast = level.span === architecture.pageBytes;
  return entryFlags(architecture, entry).map((flag) => (flag === "PS" && isLast ? "PAT" : flag));
}

/** The flags of the entry that maps a page. */
export function pageFlags(architecture: Architecture, { level, entry }: Mapping): readonly string[] {
  return levelFlags(architecture, level, entry);
}

/** A physical address: the start of a frame, and an offset. Of its up to 56 bits a number holds 53. */
export function formatPhysical(start: number, offset: number = 0): string {
  return `0x${(BigInt(start) + BigInt(offset)).toString(16)}`;
}

/** A page as plain JSON, addresses in hexadecimal. */
export function pageJson(architecture: Architecture, page: Mapping): object {
  const { vaddr, frame, level, read, write, execute, user } = page;
  return {
    vaddr: `0x${formatAddress(architecture, vaddr)}`,
    paddr: formatPhysical(frame * frameBytes),
    bytes: level.span,
    read,
    write,
    execute,
    user,
    flags: pageFlags(architecture, page),
  };
}
