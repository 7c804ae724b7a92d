// What QEMU's monitor prints for `info tlb` and `info mem`, printed from our reading of the tables.

import { entryFlags, formatAddress, i386Pae, mappingRuns, mappings, sv39 } from "@pagelapse/mmu";
import type { Architecture, Mapping, MappingRun, PhysicalMemory } from "@pagelapse/mmu";

type Print = (memory: PhysicalMemory, architecture: Architecture, root: number) => string;

const digits = (value: number): string => value.toString(16).padStart(16, "0");

/** `info tlb` of x86: a line for each page, with the flags of its own entry. */
export const infoTlb: Print = (memory, architecture, root) => {
  // PS is not looked at in an entry of the last level: there it is PAT.
  const letters = [
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
  const line = ({ vaddr, frame, entry, level }: Mapping): string => {
    const flags = entryFlags(architecture, entry).filter((flag) => flag !== "PS" || level.span > 4096);
    // With PAE, QEMU leaves NX in the address that it prints.
    const printed = digits(frame * 4096).replace(/^0/, architecture === i386Pae && flags.includes("NX") ? "8" : "0");
    const text = letters.map(([name, letter]) => (flags.includes(name) ? letter : "-")).join("");
    return `${formatAddress(architecture, vaddr).padStart(16, "0")}: ${printed} ${text}\n`;
  };
  return [...mappings(memory, architecture, root)].map(line).join("");
};

/** `info mem` of x86: pages side by side that every table on the way gives the same U and W. */
const infoMemX86: Print = (memory, architecture, root) => {
  const line = ({ start, end, first }: MappingRun): string => {
    const places = [start, end, end - start].map((value) =>
      architecture.wordBytes === 8 ? formatAddress(architecture, value) : digits(value),
    );
    return `${places[0]}-${places[1]} ${places[2]} ${first.user ? "u" : "-"}r${first.write ? "w" : "-"}\n`;
  };
  const runs = mappingRuns(mappings(memory, architecture, root), (a, b) => a.user === b.user && a.write === b.write);
  return [...runs].map(line).join("");
};

/** `info mem` of RISC-V: pages side by side, in frames side by side, with the same flags. */
const infoMemRiscv: Print = (memory, architecture, root) => {
  const flagsOf = (page: Mapping): string => entryFlags(architecture, page.entry).join("");
  const alike = (a: Mapping, b: Mapping): boolean => flagsOf(a) === flagsOf(b) && a.frame + a.level.span / 4096 === b.frame;
  const line = ({ start, end, first }: MappingRun): string => {
    const attributes = ["R", "W", "X", "U", "G", "A", "D"]
      .map((name) => (flagsOf(first).includes(name) ? name.toLowerCase() : "-"))
      .join("");
    return `${formatAddress(architecture, start)} ${digits(first.frame * 4096)} ${digits(end - start)} ${attributes}\n`;
  };
  const head = ["vaddr", "paddr", "size", "attr"]
    .map((title) => title.padEnd(16))
    .join(" ")
    .trimEnd();
  const rule = ["-".repeat(16), "-".repeat(16), "-".repeat(16), "-".repeat(7)].join(" ");
  return `${head}\n${rule}\n${[...mappingRuns(mappings(memory, architecture, root), alike)].map(line).join("")}`;
};

export const infoMem: Print = (memory, architecture, root) =>
  (architecture === sv39 ? infoMemRiscv : infoMemX86)(memory, architecture, root);
