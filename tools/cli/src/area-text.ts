// Areas as people know them from /proc/PID/maps.

import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { printable } from "./printable.ts";
import { formatAddress } from "./quantity.ts";

/** What VM_* bits allow: rw-p. */
export function formatRights(flags: number): string {
  const letter = (flag: number, set: string, clear: string): string => ((flags & flag) === 0 ? clear : set);
  return letter(VM_READ, "r", "-") + letter(VM_WRITE, "w", "-") + letter(VM_EXEC, "x", "-") + letter(VM_MAYSHARE, "s", "p");
}

/** [start, end): 0x108000-0x10c000. */
export function formatRange(start: number, end: number): string {
  return `${formatAddress(start)}-${formatAddress(end)}`;
}

/** An area in a line: 0x108000-0x10c000 r--p /usr/bin/ls. */
export function formatArea({ start, end, flags, name }: Area): string {
  return `${formatRange(start, end)} ${formatRights(flags)} ${printable(name)}`.trimEnd();
}
