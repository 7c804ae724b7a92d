// `pagelapse walk`, and QEMU as its judge: what its monitor said of the same tables, kept with packages/mmu.

import { spawn } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseWordDump } from "@pagelapse/mmu";
import { afterAll, describe, expect, test } from "vitest";
import { Desk, bin, run, shell } from "./command.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const fixture = (name: string): string => fileURLToPath(new URL(`../../../packages/mmu/test/fixtures/${name}`, import.meta.url));

/** Where the recorded guests have their root, and what QEMU was asked. */
const guests = [
  ["i386", "100000", ["tlb", "mem"]],
  ["i386-pae", "0x100020", ["tlb", "mem"]],
  ["x86-64", "0x100000", ["tlb", "mem"]],
  ["x86-64-la57", "0x0000000000108000", ["tlb"]],
  ["sv39", "0x80100000", ["mem"]],
] as const;

const flag = { tlb: "--all", mem: "--runs" } as const;

/** Raw memory with these frames in it, and holes between them. */
function putRaw(name: string, frames: ReadonlyMap<number, Uint8Array>, byteCount: number): string {
  const path = join(desk.path, name);
  const descriptor = openSync(path, "w");
  for (const [pfn, bytes] of frames) writeSync(descriptor, bytes, 0, bytes.length, pfn * 4096);
  ftruncateSync(descriptor, byteCount);
  closeSync(descriptor);
  return path;
}

describe.each(guests)("%s", (name, root, questions) => {
  const frames = fixture(`${name}.frames`);

  test.each(questions)("what is printed of the recorded tables is what QEMU said to info %s", async (question) => {
    const result = await run(["walk", "--arch", name, "--memory", frames, "--root", root, flag[question]]);
    expect(result).toEqual({ code: 0, stdout: readFileSync(fixture(`${name}.${question}`), "utf8"), stderr: "" });
  });

  test("the same tables in 64 GiB of raw memory give the same", async () => {
    const raw = putRaw(`${name}.raw`, parseWordDump(readFileSync(frames, "utf8")), 2 ** 36);
    for (const words of [
      ["--all", "--json"],
      ["--runs", "--json"],
    ]) {
      const [fromRaw, fromText] = await Promise.all(
        [raw, frames].map((memory) => run(["walk", "--arch", name, "--memory", memory, "--root", root, ...words])),
      );
      expect(fromRaw).toEqual(fromText);
      expect(fromRaw).toMatchObject({ code: 0, stderr: "" });
    }
  });

  test("a walk to each page ends where the listing has it", async () => {
    const words = ["walk", "--arch", name, "--memory", frames, "--root", root, "--json"];
    const pages = objectsIn((await run([...words, "--all"])).stdout);
    const walks = objectsIn((await run([...words, ...pages.map(({ vaddr }) => String(vaddr))])).stdout);
    expect(pages.length).toBeGreaterThan(10);
    expect(walks.map(({ page }) => page)).toEqual(pages);
    expect(walks.map(({ paddr }) => paddr)).toEqual(pages.map(({ paddr }) => paddr));
  });
});

function objectsIn(lines: string): readonly Readonly<Record<string, unknown>>[] {
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const long = ["walk", "--memory", fixture("x86-64.frames"), "--root", "100000"];

describe("a walk", () => {
  test("is told level by level, and then the page", async () => {
    const { code, stdout } = await run([...long, "0xffff800000005123", "0x40123456", "0x9000", "400123"]);
    expect(code).toBe(0);
    expect(stdout).toBe(`0xffff800000005123
level  index  stands at  entry               flags
pgd      256   0x100800  0x0000000000105023  P W A
pud        0   0x105000  0x0000000000106023  P W A
pmd        0   0x106000  0x0000000000107023  P W A
pte        5   0x107028  0x000000000020a063  P W A D
physical 0x20a123
page     0x20a000, 4 KiB: read, write, execute; kernel alone

0x0000000040123456
level  index  stands at  entry               flags
pgd        0   0x100000  0x0000000000101027  P W U A
pud        1   0x101008  0x00000000000001e3  P W A D PS G
physical 0x123456
page     0x0, 1 GiB: read, write, execute; kernel alone

0x0000000000009000
level  index  stands at  entry               flags
pgd        0   0x100000  0x0000000000101027  P W U A
pud        0   0x101000  0x0000000000102027  P W U A
pmd        0   0x102000  0x0000000000103027  P W U A
pte        9   0x103048  0x00000000deadb000
not mapped: P is clear in the entry of the pte; the rest is the system's own

0x0000000000400123
level  index  stands at  entry               flags
pgd        0   0x100000  0x0000000000101027  P W U A
pud        0   0x101000  0x0000000000102027  P W U A
pmd        2   0x102010  0x80000000004000a1  P A PS NX
physical 0x400123
page     0x400000, 2 MiB: read; kernel alone

`);
  });

  test("calls bit 7 PAT where it is no page size", async () => {
    const { stdout } = await run([...long, "8000"]);
    expect(stdout).toContain("pte        8   0x103040  0x0000000000207087  P W U PAT\n");
  });

  test("as JSON has the numbers that a number cannot hold as text", async () => {
    const { stdout } = await run([...long, "--json", "0xffffff8000005fff", "9000"]);
    const [mapped, absent] = objectsIn(stdout);
    expect(mapped).toMatchObject({
      vaddr: "0xffffff8000005fff",
      steps: [{ level: "pgd", index: 511, paddr: "0x100ff8", entry: "0x0000000000105023", flags: ["P", "W", "A"] }, {}, {}, {}],
      paddr: "0x20afff",
      page: { vaddr: "0xffffff8000005000", paddr: "0x20a000", bytes: 4096, read: true, write: true, execute: true, user: false },
    });
    expect(Object.keys(absent)).toEqual(["vaddr", "steps"]);
  });

  test("of sv39 ends where an entry of the last level leads on", async () => {
    const leads = Buffer.alloc(4096);
    // Every entry leads to frame 0, where they all stand.
    for (let at = 0; at < 4096; at += 8) leads[at] = 1;
    const path = desk.put("circle.sv39", leads);
    const words = ["walk", "--arch", "sv39", "--memory", path, "--root", "0", "0xffffffffffffffff"];
    expect((await run(words)).stdout).toContain("not mapped: the entry of the pte leads to a table, and no level is left\n");
  });
});

describe("what cannot be walked is refused in one line", () => {
  const raw = desk.put("raw", Buffer.concat([Buffer.from([0x27, 0xf0, 0xff]), Buffer.alloc(8189)]));
  const put = (name: string, bytes: Uint8Array | string): string => desk.put(name, bytes);
  const anyDump = "expected raw physical memory, or words as QEMU's xp and gdb's x print them";

  test.each<[string, readonly string[], string]>([
    ["a missing file", [join(desk.path, "missing"), "0", "0"], `FILE: ${anyDump}, found no such file or directory (ENOENT)`],
    ["a directory", [desk.path, "0", "0"], `FILE: ${anyDump}, found no regular file`],
    ["a device", ["/dev/zero", "0", "0"], `FILE: ${anyDump}, found no regular file`],
    ["an empty file", [put("empty", ""), "0", "0"], `FILE: ${anyDump}, found nothing`],
    [
      "half a frame",
      [put("half", Buffer.alloc(6000)), "0", "0"],
      `FILE: ${anyDump}: whole frames of 4096 bytes, found 6,000 bytes`,
    ],
    [
      "an ELF file",
      [put("elf", Buffer.concat([Buffer.from("\u007fELF"), Buffer.alloc(4092)])), "0", "0"],
      `FILE: ${anyDump}, found an ELF file`,
    ],
    ["other text", [put("text", "hello\u001b[2J\n"), "0", "0"], `FILE: ${anyDump}: whole frames of 4096 bytes, found 10 bytes`],
    [
      "text with a mistake",
      [put("mistake", "1000: 0x0000000000000027\n*\nhello\n"), "1000", "0"],
      'FILE: line 3: expected an address, a colon and words, found "hello"',
    ],
    [
      "a root outside the dump",
      [raw, "0x7000", "0"],
      "--root: expected an address in FILE, found 0x7000, which it has no frame for",
    ],
    [
      "a root with flags",
      [raw, "0x27", "0"],
      '--root: expected a physical address in hexadecimal, a multiple of 0x1000, found "0x27"',
    ],
    [
      "a root that is no number",
      [raw, "cr3", "0"],
      '--root: expected a physical address in hexadecimal, a multiple of 0x1000, found "cr3"',
    ],
    [
      "a root like no other",
      [raw, "0xffffffffffffffff", "0"],
      '--root: expected a physical address in hexadecimal, a multiple of 0x1000, found "0xffffffffffffffff"',
    ],
    [
      "a table outside the dump",
      [raw, "0", "0"],
      "FILE: expected a table at 0xfff000, where an entry leads, found no such frame",
    ],
    [
      "a table outside the dump",
      [raw, "0", "--all"],
      "FILE: expected a table at 0xfff000, where an entry leads, found no such frame",
    ],
    [
      "an address that is none",
      [raw, "0", "main"],
      'walk: expected an address of x86-64 in hexadecimal (48 bits, sign-extended), found "main"',
    ],
    [
      "an address that is not canonical",
      [raw, "0", "0x800000000000"],
      'walk: expected an address of x86-64 in hexadecimal (48 bits, sign-extended), found "0x800000000000"',
    ],
    ["no address", [raw, "0"], "walk: expected addresses, --all or --runs, found none of them"],
    [
      "a listing and addresses",
      [raw, "0", "--all", "1000"],
      "walk: expected addresses, --all or --runs, found more than one of them",
    ],
    ["both listings", [raw, "0", "--all", "--runs"], "walk: expected addresses, --all or --runs, found more than one of them"],
  ])("%s: %j", async (_, [memory, root, ...words], line) => {
    const { code, stdout, stderr } = await run(["walk", "--memory", memory, "--root", root, ...words]);
    expect({ code, stdout, stderr: stderr.replaceAll(memory, "FILE") }).toEqual({
      code: 2,
      stdout: "",
      stderr: `pagelapse: ${line}\n`,
    });
  });

  test("a pipe, at once", async () => {
    const { code, stderr } = await shell(`mkfifo pipe && $PAGELAPSE walk --memory pipe --root 0 0`, { cwd: desk.path });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `pagelapse: pipe: ${anyDump}, found no regular file\n` });
  });

  test("text without an end", async () => {
    const path = join(desk.path, "long");
    const descriptor = openSync(path, "w");
    writeSync(descriptor, "1000: 0x0000000000000027\n".repeat(200));
    ftruncateSync(descriptor, 2 ** 40);
    closeSync(descriptor);
    const { code, stderr } = await run(["walk", "--memory", path, "--root", "0x1000", "0"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `pagelapse: ${path}: expected text of at most 67,108,864 bytes, found 1,099,511,627,776 bytes\n`,
    });
  });

  test("what came before a table that is missing is printed", async () => {
    const { code, stdout, stderr } = await run(["walk", "--memory", raw, "--root", "0", "0x8000000000", "0"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^0x0000008000000000\n.*\npgd +1 +0x8 .*\nnot mapped: the entry of the pgd is 0\n\n$/);
    expect(stderr).toMatch(/^pagelapse: .*found no such frame\n$/);
  });
});

describe("tables that lead in circles", () => {
  /** Every entry leads to frame 0, where they all stand. */
  const circle = desk.put("circle", Buffer.alloc(4096, Buffer.from([0x27, 0, 0, 0, 0, 0, 0, 0])));
  const words = ["walk", "--memory", circle, "--root", "0"];

  test("are printed until the reader leaves", async () => {
    const { code, stdout, stderr } = await shell(
      `{ $PAGELAPSE ${words.join(" ")} --all; echo "exit $?" >&2; } | tail -n +30000 | head -n 1`,
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "000000000752f000: 0000000000000000 ----A--UW\n",
      stderr: "exit 0\n",
    });
  });

  test("end at Ctrl-C, though nothing is ever printed", async () => {
    const child = spawn(process.execPath, [bin, ...words, "--runs"], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child.kill("SIGINT");
    expect(await ended).toBe("SIGINT");
  });
});
