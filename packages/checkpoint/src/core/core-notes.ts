// The notes of a core: whose it is, which files it maps, and what stands in place of registers.

import type { MemoryImage } from "../memory-image.ts";
import type { Area } from "@pagelapse/vma";
import { frameBytes } from "@pagelapse/mmu";
import { putWord } from "./elf-class.ts";
import type { CoreMachine } from "./elf-class.ts";

const prstatusType = 1;
/** NT_FILE: "FILE" */
const fileType = 0x4649_4c45;
/** No type that anybody else gives notes: readers take one of an owner they do not know by its type. */
const ownType = 0x706c_6170;

/** What the core says of itself, in the note named "pagelapse". */
const ownNote =
  "Memory as pagelapse recorded it. Registers are not recorded: the zeros in NT_PRSTATUS stand in their place. " +
  "Segments without bytes are memory whose content nobody knows, or that was left out.";

/** The bytes of the segment PT_NOTE. */
export function coreNotes(machine: CoreMachine, image: MemoryImage, areas: readonly Area[]): Uint8Array {
  const text = new TextEncoder();
  const files = mappedFiles(machine, areas);
  return joined([
    note("CORE", prstatusType, status(machine, image)),
    ...(files === undefined ? [] : [note("CORE", fileType, files)]),
    note("pagelapse", ownType, text.encode(`${ownNote}\0`)),
  ]);
}

/** `struct elf_prstatus` of a thread that nothing is known of but its number. */
function status({ statusBytes, pidOffset }: CoreMachine, { pid, parentPid }: MemoryImage): Uint8Array {
  const bytes = new Uint8Array(statusBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(pidOffset, pid ?? 0, true);
  view.setUint32(pidOffset + 4, parentPid ?? 0, true);
  return bytes;
}

/** NT_FILE, as Linux's `fill_files_note` has it: a count, a page size, start, end and offset in pages of each area, then their names. */
function mappedFiles({ elf }: CoreMachine, areas: readonly Area[]): Uint8Array | undefined {
  const mapped = areas.flatMap(({ start, end, offset, file }) => (file === undefined ? [] : [{ start, end, offset, file }]));
  if (mapped.length === 0) return undefined;
  const words = [mapped.length, frameBytes, ...mapped.flatMap(({ start, end, offset }) => [start, end, offset / frameBytes])];
  const table = new Uint8Array(words.length * elf.wordBytes);
  const view = new DataView(table.buffer);
  words.forEach((word, index) => putWord(elf, view, index * elf.wordBytes, word));
  const names = mapped.map(({ file }) => `${file.replaceAll("\0", "?")}\0`).join("");
  return joined([table, new TextEncoder().encode(names)]);
}

function note(name: string, type: number, description: Uint8Array): Uint8Array {
  const nameBytes = new TextEncoder().encode(`${name}\0`);
  const descriptionAt = 12 + padded(nameBytes.length);
  const bytes = new Uint8Array(descriptionAt + padded(description.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nameBytes.length, true);
  view.setUint32(4, description.length, true);
  view.setUint32(8, type, true);
  bytes.set(nameBytes, 12);
  bytes.set(description, descriptionAt);
  return bytes;
}

function padded(byteCount: number): number {
  return Math.ceil(byteCount / 4) * 4;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
