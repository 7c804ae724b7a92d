// QEMU as the judge of the walk: its `info tlb` and `info mem`, and what its processor wrote into the tables.
//
// What it said is kept in fixtures/, with the frames of the page tables alone, so this runs everywhere; where QEMU is
// installed it is asked again. `RECORD=1` writes the fixtures anew.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EventLog } from "@pagelapse/events";
import {
  FrameTable,
  Ram,
  RecordedRam,
  Tlb,
  i386Pae,
  keptFrames,
  mappings,
  parseAddress,
  parseWordDump,
  sv39,
  translate,
  walk,
  x86_64,
  x86_64La57,
} from "@pagelapse/mmu";
import type { Architecture, Level } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { riscvGuest } from "./qemu/guest-riscv.ts";
import { x86Guests } from "./qemu/guest-x86.ts";
import type { Guest } from "./qemu/guest.ts";
import { infoMem, infoTlb } from "./qemu/info-text.ts";
import { runInQemu } from "./qemu/run-qemu.ts";
import { printWordDump } from "./qemu/word-dump-text.ts";

const guests = [...x86Guests, riscvGuest].map((guest) => [guest.architecture.name, guest] as const);

const fixture = (guest: Guest, kind: string): string =>
  fileURLToPath(new URL(`fixtures/${guest.architecture.name}.${kind}`, import.meta.url));
const recorded = (guest: Guest, kind: string): string => readFileSync(fixture(guest, kind), "utf8");

/** QEMU has no `info tlb` for RISC-V; and to `info mem` with five levels 7.2 says nothing, after most of a minute. */
const questions = ({ architecture }: Guest): readonly ("tlb" | "mem")[] =>
  architecture === sv39 ? ["mem"] : architecture === x86_64La57 ? ["tlb"] : ["tlb", "mem"];
const printers = { tlb: infoTlb, mem: infoMem };

function framesOf(bytes: Uint8Array, paddr: number): Map<number, Uint8Array> {
  const frames = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length; at += 4096) frames.set((paddr + at) / 4096, bytes.subarray(at, at + 4096));
  return frames;
}

describe.each(guests)("%s", (_, guest) => {
  const { architecture, root } = guest;

  test.each(questions(guest))("our reading of the recorded tables is what QEMU said to info %s", (question) => {
    const memory = keptFrames(parseWordDump(recorded(guest, "frames")));
    expect(printers[question](memory, architecture, root)).toBe(recorded(guest, question));
  });

  test("a walk to the first and the last byte of every page ends where the visit of all pages found it", () => {
    const memory = keptFrames(parseWordDump(recorded(guest, "frames")));
    for (const page of mappings(memory, architecture, root)) {
      for (const offset of [0, page.level.span - 1]) {
        const vaddr = page.vaddr + offset;
        if (!Number.isSafeInteger(vaddr)) continue;
        const found = walk(memory, architecture, root, vaddr);
        expect(found.mapping).toEqual(page);
        expect(found.frame).toBe(page.frame + Math.floor(offset / 4096));
      }
    }
  });

  test("our processor sets the same A and D as QEMU's for the same accesses", () => {
    const recordedRam = new RecordedRam(new Ram(2 ** 20), new EventLog());
    const memory = { architecture, recorded: recordedRam, frames: new FrameTable(recordedRam) };
    recordedRam.ram.bytes.set(guest.tables, guest.tablesAt);
    const tlb = new Tlb(4, 2, architecture.bits);
    for (const [access, address] of guest.accesses) {
      const vaddr = parseAddress(architecture, address.toString(16)) ?? Number.NaN;
      expect(translate(memory, tlb, root, Math.floor(vaddr / 4096), access)).toBeGreaterThanOrEqual(0);
    }
    const after = recordedRam.ram.bytes.subarray(guest.tablesAt, guest.tablesAt + guest.tables.length);
    expect(printWordDump(framesOf(after, guest.tablesAt))).toBe(recorded(guest, "frames"));
  });

  test("our reading of the tables that QEMU has here is what it says of them", async ({ skip }) => {
    const { program } = guest.machine;
    skip(
      spawnSync(program, ["--version"]).error !== undefined,
      `${program} is not installed: QEMU's recorded answers stand for it`,
    );
    const asked = questions(guest);
    const { tables, said } = await runInQemu(
      guest,
      asked.map((question) => `info ${question}`),
    );
    const frames = framesOf(tables, guest.tablesAt);
    if (process.env["RECORD"] === "1") {
      writeFileSync(fixture(guest, "frames"), printWordDump(frames));
      asked.forEach((question, index) => writeFileSync(fixture(guest, question), said[index]));
    }
    asked.forEach((question, index) => expect(printers[question](keptFrames(frames), architecture, root)).toBe(said[index]));
  });
});

const withLevels = (architecture: Architecture, change: (level: Level) => Partial<Level>): Architecture => ({
  ...architecture,
  levels: architecture.levels.map((level) => ({ ...level, ...change(level) })),
});

test.each<[string, "tlb" | "mem", Architecture, (architecture: Architecture) => Architecture]>([
  [
    "a walk that takes large pages for tables",
    "tlb",
    x86_64,
    (known) => withLevels(known, ({ span }) => (span > 4096 ? { leaf: 0 } : {})),
  ],
  ["a walk that finds large pages in the root", "tlb", i386Pae, (known) => withLevels(known, () => ({ leaf: 0x20 }))],
  [
    "a walk that forgets the high bits of a frame",
    "tlb",
    x86_64,
    (known) => ({ ...known, bits: { ...known.bits, frameHigh: 0 } }),
  ],
  [
    "a walk that looks for the frame where x86 has it",
    "mem",
    sv39,
    (known) => ({ ...known, bits: { ...known.bits, frameShift: 12 } }),
  ],
  ["a walk that asks the last entry alone what is allowed", "mem", x86_64, (known) => withLevels(known, () => ({ table: 0 }))],
  ["a walk that lets the root of PAE forbid", "mem", i386Pae, (known) => withLevels(known, () => ({ table: 0x067 }))],
  ["a walk that takes what may only be read for a table", "mem", sv39, (known) => withLevels(known, () => ({ leaf: 0x00c }))],
])("%s is found out", (_, question, architecture, mutate) => {
  const guest = [...x86Guests, riscvGuest].find((candidate) => candidate.architecture === architecture) ?? riscvGuest;
  const read = (): string =>
    printers[question](keptFrames(parseWordDump(recorded(guest, "frames"))), mutate(architecture), guest.root);
  const outcome = ((): string => {
    try {
      return read();
    } catch (error) {
      return String(error);
    }
  })();
  expect(outcome).not.toBe(recorded(guest, question));
});
