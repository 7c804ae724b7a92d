// gdb and readelf are the judges: they open the cores that are written, read their bytes and know their areas.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MappedFiles, MemoryImage } from "@pagelapse/checkpoint";
import { i386, i386Pae, sv39, x86_64 } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { VM_EXEC, VM_READ, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { afterAll, expect, test } from "vitest";
import { buildCore } from "./built.ts";

const folder = mkdtempSync(join(tmpdir(), "core-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a tool says; `undefined`: it is not installed. */
function ask(tool: string, words: readonly string[]): string | undefined {
  const { error, stdout } = spawnSync(tool, words, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  return error === undefined ? stdout : undefined;
}

const nobodyHas: MappedFiles = { read: () => "unknown" };
const plain = { file: undefined, name: "", object: undefined, anonVma: undefined } as const;
const areas: readonly Area[] = [
  { ...plain, start: 0x1_0000, end: 0x1_3000, offset: 0x1_0000, flags: VM_READ | VM_WRITE },
  { ...plain, start: 0x2_0000, end: 0x2_2000, offset: 0x5000, flags: VM_READ | VM_EXEC, file: "/nowhere/lib.so" },
  { ...plain, start: 0x3f00_0000, end: 0x3f00_1000, offset: 0x3f00_0000, flags: VM_READ },
];
const image: MemoryImage = {
  pid: 4711,
  parentPid: 1,
  startBrk: 0,
  brk: 0,
  checkCount: 0,
  areas,
  leavesOut: 0,
  pages: new Map([
    [0x1_1000, Uint8Array.from({ length: 4096 }, (_, offset) => offset & 255)],
    [0x2_1000, new Uint8Array(4096).fill(0xc3)],
  ]),
};

function coreOf(architecture: Architecture): string {
  const path = join(folder, architecture.name);
  writeFileSync(path, buildCore(image, { architecture, files: nobodyHas }).bytes);
  return path;
}

test.for([
  ["x86-64", x86_64, "ELF64", "Advanced Micro Devices X86-64"],
  ["i386", i386, "ELF32", "Intel 80386"],
  ["i386-pae", i386Pae, "ELF32", "Intel 80386"],
  ["sv39", sv39, "ELF64", "RISC-V"],
] as const)("readelf reads the headers and the notes of a core of %s", ([, architecture, elfClass, machine], { skip }) => {
  const said = ask("readelf", ["-hlnW", coreOf(architecture)]);
  if (said === undefined) return skip("readelf (Debian: binutils) is not installed");
  expect(said).toMatch(new RegExp(`Class: +${elfClass}\n`));
  expect(said).toMatch(new RegExp(`Machine: +${machine}\n`));
  expect(said).toMatch(/Type: +CORE/);
  const loads = [...said.matchAll(/LOAD +\S+ 0x0*([0-9a-f]+) \S+ 0x0*([0-9a-f]*) 0x0*([0-9a-f]+) ([RWE ]{3})/g)];
  expect(loads.map(([, ...fields]) => fields.join(" "))).toEqual([
    "10000 3000 3000 RW ",
    "20000  1000 R E",
    "21000 1000 1000 R E",
    "3f000000 1000 1000 R  ",
  ]);
  expect(said).toMatch(/CORE +0x\w+\s+NT_PRSTATUS/);
  expect(said).toMatch(/CORE +0x\w+\s+NT_FILE/);
  expect(said).toMatch(/pagelapse +0x\w+\s+Unknown note type: \(0x706c6170\)/);
});

/** Debian's gdb knows the registers and the words of x86 alone; the memory of any core it reads. */
test.for([
  ["x86-64", x86_64, "elf64-x86-64"],
  ["i386", i386, "elf32-i386"],
  ["i386-pae", i386Pae, "elf32-i386"],
  ["sv39", sv39, undefined],
] as const)("gdb opens a core of %s, reads bytes and lists areas", ([, architecture, format], { skip }) => {
  const asked = [
    "x/4xb 0x11010",
    "x/2xb 0x11fff",
    "x/xb 0x21fff",
    "info files",
    "maintenance info sections",
    "info proc mappings",
  ];
  const said = ask("gdb", ["-batch", "-nx", "-c", coreOf(architecture), ...asked.flatMap((each) => ["-ex", each])]);
  if (said === undefined) return skip("gdb is not installed");
  expect(said).toContain("0x11010:\t0x10\t0x11\t0x12\t0x13\n0x11fff:\t0xff\t0x00\n0x21fff:\t0xc3\n");
  const listed = [...said.matchAll(/0x0*([0-9a-f]+) - 0x0*([0-9a-f]+) is load/g)];
  expect(listed.map(([, start, end]) => `${start}-${end}`)).toEqual([
    "10000-13000",
    "20000-21000",
    "21000-22000",
    "3f000000-3f001000",
  ]);
  const sections = [...said.matchAll(/0x0*([0-9a-f]+)->\S+ at \S+: load\d (.*)/g)];
  expect(sections.map(([, start, words]) => `${start} ${words}`)).toEqual([
    "10000 ALLOC LOAD HAS_CONTENTS",
    "20000 ALLOC READONLY CODE",
    "21000 ALLOC LOAD READONLY CODE HAS_CONTENTS",
    "3f000000 ALLOC LOAD READONLY HAS_CONTENTS",
  ]);
  if (format === undefined) return;
  expect(said).toContain(`file type ${format}`);
  expect(said).toContain("[New LWP 4711]");
  expect(said).toMatch(/0x20000 +0x22000 +0x2000 +0x5000 +\/nowhere\/lib\.so/);
});
