// A notation for what tasks find in their memory, their page tables and the frame table, so that an expectation is a line.

import { peekPage } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import {
  findEntry,
  findLeaf,
  flagsOf,
  frameBehind,
  frameBytes,
  frameFlags,
  framesBehind,
  isSwapPte,
  none,
  pteNone,
  ptePresent,
  readEntry,
  referencesOf,
  slotOf,
  swapPartner,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { at } from "./notation.ts";

/*
 * What is to be seen, separated by `;`, of a page of a task, by its pid:
 *
 *     1:0 = 01             its first byte, as a load would find it; `unmapped`
 *     1:0+8 = 01           another byte
 *     1:0 is own rw AD     its entry, as `entryOf` says it
 *     1:0 has S            its soft-dirty (S) and uffd-wp (U) marks, in the entry or the swap entry; `-` for none
 *     1:0 lies dirty       the flags of its frame: dirty pending cache lazyFree logged; `-` for none
 */
const sight = /^(\d+):(\d+)(?:\+(\d+))? (=|is|has|lies) /;

/** What `seen` says, with the machine's own words: equal to `seen` if that is so. */
export function see(machine: Machine, seen: string): string {
  if (seen === "") return "";
  return seen
    .split("; ")
    .map((text) => {
      const [found, pid, page, offset = "0", what] = sight.exec(text) ?? [];
      if (found === undefined) throw new Error(`nothing to see: ${text}`);
      const view = viewOf(machine, Number(pid));
      if (what === "=") return found + byteAt(view, Number(page), Number(offset));
      if (what === "is") return found + entryOf(view, Number(page));
      return found + (what === "has" ? marksOf(view, Number(page)) : flagsBehind(view, Number(page)));
    })
    .join("; ");
}

/** The machine as the living task of that pid finds it, or the last that had it. */
function viewOf(machine: Machine, pid: number): ProcessView {
  const { architecture, memory, cached, files, state } = machine;
  const space = state.tasks.findLast((task) => task.pid === pid);
  if (space === undefined) throw new Error(`no task ${pid}`);
  return { architecture, memory, cached, files, space };
}

function byteAt(view: ProcessView, page: number, offset: number): string {
  const bytes = new Uint8Array(frameBytes);
  return peekPage(view, at(page), bytes) === "unmapped"
    ? "unmapped"
    : Buffer.from(bytes.subarray(offset, offset + 1)).toString("hex");
}

function entryAt({ architecture, memory, space }: EntryView, page: number): Entry {
  const paddr = findEntry(memory, architecture, space.root, at(page));
  return paddr < 0 ? none : readEntry(memory, architecture, paddr);
}

function marksOf(view: ProcessView, page: number): string {
  const { bits, swap } = view.architecture;
  const entry = entryAt(view, page);
  const marks = isSwapPte(bits, entry) ? swap : bits;
  return ((entry.low & marks.softDirty) === 0 ? "" : "S") + ((entry.low & marks.uffdWp) === 0 ? "" : "U") || "-";
}

function flagsBehind(view: ProcessView, page: number): string {
  const { architecture, memory, space } = view;
  const leaf = findLeaf(memory, architecture, space.root, at(page));
  if (leaf === undefined || !ptePresent(architecture.bits, leaf.entry)) return "nowhere";
  const flags = flagsOf(memory, frameBehind(architecture.bits, leaf.level, leaf.entry, at(page)));
  const names = Object.entries(frameFlags).filter(([, flag]) => (flags & flag) !== 0);
  return names.map(([name]) => name).join(" ") || "-";
}

type EntryView = Pick<ProcessView, "architecture" | "memory" | "space">;

/**
 * The entry of a page: `none`; `swapped`, with the swap entries that name its slot where there are others, `cached` if a frame has
 * it too; or its frame (`zero`, `own`, `cache`, with its references where there are others than one, `large` before it) and what
 * it allows: `r`, `w`, A, D; `forbidden` for PROT_NONE.
 */
export function entryOf(view: EntryView, page: number): string {
  const { architecture, memory } = view;
  const { bits } = architecture;
  const entry = entryAt(view, page);
  if (pteNone(entry)) return "none";
  if (isSwapPte(bits, entry)) {
    const slot = slotOf(memory, architecture, entry);
    return `swapped${times(referencesOf(memory, slot))}${swapPartner(memory, slot) === undefined ? "" : " cached"}`;
  }
  const leaf = findLeaf(memory, architecture, view.space.root, at(page));
  const large = leaf === undefined || framesBehind(leaf.level) === 1 ? "" : "large ";
  const pfn = leaf === undefined ? 0 : frameBehind(bits, leaf.level, entry, at(page));
  const kind = pfn === zeroFrame(memory) ? "zero" : (flagsOf(memory, pfn) & frameFlags.cache) !== 0 ? "cache" : "own";
  const letter = (bit: number, text: string): string => ((entry.low & bit) === 0 ? "-" : text);
  const access = (entry.low & bits.present) === 0 ? "forbidden" : letter(bits.user, "r") + letter(bits.write, "w");
  const history = letter(bits.accessed, "A") + letter(bits.dirty, "D");
  return `${large}${kind}${times(referencesOf(memory, pfn))} ${access} ${history}`;
}

function times(references: number): string {
  return references === 1 ? "" : `*${references}`;
}
