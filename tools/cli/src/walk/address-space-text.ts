// A whole address space, as QEMU's monitor prints it for `info tlb` and `info mem`.

import { formatAddress, frameBytes, mappingRuns, mappings } from "@pagelapse/mmu";
import type { Architecture, Mapping, MappingRun, PhysicalMemory } from "@pagelapse/mmu";
import { formatPhysical, pageFlags, pageJson } from "./page-text.ts";

/** A listing line by line, without the newlines. It ends where `memory` throws. */
export type Listing = (memory: PhysicalMemory, architecture: Architecture, root: number) => Iterable<string>;

/*
 *     ffff800000005000: 000000000020a000 X--DA---W                info tlb: flags of the page's own entry
 *     ffff800000000000-ffff800000001000 0000000000001000 -rw      info mem of x86: U and W, of all tables on the way
 *     0000000000001000 0000000080600000 0000000000001000 rw-u-ad  info mem of RISC-V, which has no info tlb
 */

/** Every page, a line each, as `info tlb` has it; on sv39 with the letters of `info mem`. */
export const pageLines: Listing = function* (memory, architecture, root) {
  const { letters } = formatOf(architecture);
  for (const page of mappings(memory, architecture, root)) {
    const vaddr = formatAddress(architecture, page.vaddr).padStart(16, "0");
    yield `${vaddr}: ${formatPage(architecture, page)} ${letters(pageFlags(architecture, page))}`;
  }
};

/** The same pages as JSON, an object a line. */
export const pageJsonLines: Listing = function* (memory, architecture, root) {
  for (const page of mappings(memory, architecture, root)) yield JSON.stringify(pageJson(architecture, page));
};

/** Pages side by side that QEMU takes for alike, a line each run of them, as `info mem` has it. */
export const runLines: Listing = function* (memory, architecture, root) {
  const { heading, alike, line } = formatOf(architecture);
  yield* heading;
  for (const run of mappingRuns(mappings(memory, architecture, root), alike(architecture))) yield line(architecture, run);
};

/** The same runs as JSON, an object a line: what is alike in all of a run, and where it is. */
export const runJsonLines: Listing = function* (memory, architecture, root) {
  const { alike, members } = formatOf(architecture);
  for (const run of mappingRuns(mappings(memory, architecture, root), alike(architecture))) {
    const vaddr = `0x${formatAddress(architecture, run.start)}`;
    yield JSON.stringify({ vaddr, bytes: run.end - run.start, ...members(architecture, run.first) });
  }
};

/** What QEMU prints differently for one kind of processor and the other. */
interface QemuFormat {
  /** A page's flags as a row of letters. */
  readonly letters: (flags: readonly string[]) => string;
  /** Lines above all runs. */
  readonly heading: readonly string[];
  readonly alike: (architecture: Architecture) => (before: Mapping, next: Mapping) => boolean;
  readonly line: (architecture: Architecture, run: MappingRun) => string;
  /** What the pages of a run have in common, as JSON. */
  readonly members: (architecture: Architecture, first: Mapping) => object;
}

const x86Letters = [
  ["NX", "X"],
  ["G", "G"],
  ["PS", "P"],
  ["D", "D"],
  ["A", "A"],
  ["PCD", "C"],
  ["PWT", "T"],
  ["U", "U"],
  ["W", "W"],
] as const;

const x86Format: QemuFormat = {
  letters: (flags) => x86Letters.map(([name, letter]) => (flags.includes(name) ? letter : "-")).join(""),
  heading: [],
  alike: () => (before, next) => before.user === next.user && before.write === next.write,
  line(architecture, { start, end, first }) {
    const [from, to, byteCount] = [start, end, end - start].map((value) => formatPlace(architecture, value));
    return `${from}-${to} ${byteCount} ${first.user ? "u" : "-"}r${first.write ? "w" : "-"}`;
  },
  members: (_, { user, write }) => ({ user, write }),
};

const riscvFormat: QemuFormat = {
  letters: (flags) =>
    ["R", "W", "X", "U", "G", "A", "D"].map((name) => (flags.includes(name) ? name.toLowerCase() : "-")).join(""),
  heading: [
    "vaddr            paddr            size             attr",
    "---------------- ---------------- ---------------- -------",
  ],
  alike: (architecture) => (before, next) =>
    pageFlags(architecture, before).join() === pageFlags(architecture, next).join() &&
    before.frame + before.level.span / frameBytes === next.frame,
  line(architecture, { start, end, first }) {
    const place = `${formatAddress(architecture, start)} ${digits(first.frame * frameBytes)} ${digits(end - start)}`;
    return `${place} ${riscvFormat.letters(pageFlags(architecture, first))}`;
  },
  members: (architecture, first) => ({
    paddr: formatPhysical(first.frame * frameBytes),
    flags: pageFlags(architecture, first),
  }),
};

function formatOf({ name }: Architecture): QemuFormat {
  return name === "sv39" ? riscvFormat : x86Format;
}

/** The address of a page's frames; with PAE, QEMU leaves NX in it. */
function formatPage(architecture: Architecture, page: Mapping): string {
  const isMarked = architecture.name === "i386-pae" && pageFlags(architecture, page).includes("NX");
  return digits(page.frame * frameBytes).replace(/^0/, isMarked ? "8" : "0");
}

/** QEMU extends the sign of whatever it prints of a run, its length too; where addresses end it is no address any more. */
function formatPlace(architecture: Architecture, value: number): string {
  const isAddress = architecture.wordBytes === 8 && value < 2 ** architecture.addressBits;
  return isAddress ? formatAddress(architecture, value) : digits(value);
}

function digits(value: number): string {
  return value.toString(16).padStart(16, "0");
}
