// A page walk told to a person, level by level, and as JSON. The text fits 80 columns.

import { formatAddress, frameBytes, pteLeaf, pteNone, pteUsable } from "@pagelapse/mmu";
import type { Architecture, Entry, Mapping, Walk } from "@pagelapse/mmu";
import { formatTable } from "../table.ts";
import { formatPhysical, levelFlags, pageJson } from "./page-text.ts";

/** The whole text, a newline at its end. `vaddr` is the address that was walked to. */
export function formatWalk(architecture: Architecture, vaddr: number, found: Walk): string {
  const rows = found.steps.map(({ level, index, paddr, entry }) => [
    level.name,
    `${index}`,
    formatPhysical(paddr),
    formatEntry(architecture, entry),
    levelFlags(architecture, level, entry).join(" "),
  ]);
  const page = pageOf(architecture, found);
  const end =
    page === undefined
      ? [`not mapped: ${reason(architecture, found)}`]
      : [`physical ${physicalAddress(page, vaddr)}`, `page     ${formatPage(page)}`];
  return [`0x${formatAddress(architecture, vaddr)}`, ...formatTable(columns, rows), ...end, ""].join("\n");
}

const columns = [
  { heading: ["level"], align: "left" },
  { heading: ["index"], align: "right" },
  { heading: ["stands at"], align: "right" },
  { heading: ["entry"], align: "left" },
  { heading: ["flags"], align: "left" },
] as const;

/** A walk as plain JSON, addresses and entries in hexadecimal; without `paddr` and `page` where nothing is mapped. */
export function walkJson(architecture: Architecture, vaddr: number, found: Walk): object {
  const steps = found.steps.map(({ level, index, paddr, entry }) => ({
    level: level.name,
    index,
    paddr: formatPhysical(paddr),
    entry: formatEntry(architecture, entry),
    flags: levelFlags(architecture, level, entry),
  }));
  const page = pageOf(architecture, found);
  return {
    vaddr: `0x${formatAddress(architecture, vaddr)}`,
    steps,
    paddr: page && physicalAddress(page, vaddr),
    page: page && pageJson(architecture, page),
  };
}

/** The page that a processor finds. Linux's walk also ends at what it keeps in an entry without P. */
function pageOf({ bits }: Architecture, { mapping }: Walk): Mapping | undefined {
  if (mapping === undefined) return undefined;
  return pteUsable(bits, mapping.entry) && pteLeaf(bits, mapping.level, mapping.entry) ? mapping : undefined;
}

function physicalAddress({ frame, level }: Mapping, vaddr: number): string {
  return formatPhysical(frame * frameBytes, vaddr & (level.span - 1));
}

function reason({ bits, bitNames }: Architecture, { steps }: Walk): string {
  const { level, entry } = steps[steps.length - 1];
  if (pteNone(entry)) return `the entry of the ${level.name} is 0`;
  if (pteUsable(bits, entry)) return `the entry of the ${level.name} leads to a table, and no level is left`;
  return `${bitNames[0]} is clear in the entry of the ${level.name}; the rest is the system's own`;
}

/** Where it begins, its size, and what it allows whom. */
function formatPage({ frame, level, read, write, execute, user }: Mapping): string {
  const allowed = [read && "read", write && "write", execute && "execute"].filter((word) => word !== false);
  const what = allowed.length === 0 ? "nothing" : allowed.join(", ");
  const whom = user ? "kernel and programs" : "kernel alone";
  return `${formatPhysical(frame * frameBytes)}, ${formatSize(level.span)}: ${what}; ${whom}`;
}

function formatEntry({ entryBytes }: Architecture, { low, high }: Entry): string {
  const word = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
  return `0x${entryBytes === 8 ? word(high) : ""}${word(low)}`;
}

/** 4 KiB, 2 MiB, 1 GiB. */
function formatSize(byteCount: number): string {
  const [unit, name] = byteCount < 2 ** 20 ? [2 ** 10, "KiB"] : byteCount < 2 ** 30 ? [2 ** 20, "MiB"] : [2 ** 30, "GiB"];
  return `${byteCount / unit} ${name}`;
}
