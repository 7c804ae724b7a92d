// Memory brought back from images into files, a process each.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, run } from "./command.ts";
import { putStore } from "./small-store.ts";

const desk = new Desk();
afterAll(() => desk.clear());
putStore(join(desk.path, "store"));

interface Index {
  readonly pid: number;
  readonly runs: readonly { readonly start: number; readonly pageCount: number; readonly offset: number }[];
}

/** The first and last letter of each page that an index names: `10000=ea ...`. */
function pagesOf(folder: string, pid: number): string {
  const { runs } = JSON.parse(readFileSync(join(desk.path, folder, `process-${pid}.json`), "utf8")) as Index;
  const bytes = readFileSync(join(desk.path, folder, `process-${pid}.raw`));
  const pages = runs.flatMap(({ start, pageCount, offset }) =>
    Array.from({ length: pageCount }, (_, i) => {
      const at = offset + i * 4096;
      return `${(start + i * 4096).toString(16)}=${String.fromCharCode(bytes[at], bytes[at + 4095])}`;
    }),
  );
  return pages.join(" ");
}

test("a raw file has the pages of a process, shared ones among them, and an index says where", async () => {
  const { code, stdout, stderr } = await run(["restore", "store", "--out", "memory"], { cwd: desk.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^memory\/process-11\.raw: 4 pages, 16\.4 kB\nmemory\/process-11\.json: \d+ bytes\n/);
  expect(readdirSync(join(desk.path, "memory"))).toEqual([
    "process-11.json",
    "process-11.raw",
    "process-12.json",
    "process-12.raw",
  ]);
  expect(pagesOf("memory", 11)).toBe("10000=ea 11000=bb 20000=dd 21000=ff");
  expect(pagesOf("memory", 12)).toBe("11000=cc 20000=dd 21000=ff");
  const index: unknown = JSON.parse(readFileSync(join(desk.path, "memory/process-12.json"), "utf8"));
  expect(index).toMatchObject({
    pid: 12,
    parentPid: 11,
    architecture: "x86-64",
    moment: 300,
    areas: [{ start: 0x10000, end: 0x14000, name: "[heap]" }, { object: 7 }],
    runs: [{ start: 0x11000, pageCount: 1, offset: 0 }, {}, {}],
  });
});

test("any image can be asked for, and --json tells what was written", async () => {
  const { code, stdout } = await run(["restore", "store/image-1", "--out", "first", "--json"], { cwd: desk.path });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    image: "image-1",
    moment: 100,
    files: [{ name: "process-11.raw", pages: 3, bytes: 12_288 }, {}, { name: "process-12.raw" }, {}],
  });
  expect(pagesOf("first", 11)).toBe("10000=aa 11000=bb 20000=dd");
});

const hasGdb = spawnSync("gdb", ["--version"]).status === 0;

test.skipIf(!hasGdb)("gdb opens a core, reads its bytes and knows its areas", async () => {
  const { code, stdout } = await run(["restore", "store/image-2", "--to", "core", "--out", "cores"], { cwd: desk.path });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^cores\/process-11\.core: 3 pages, [\d.]+ kB\ncores\/process-12\.core: 2 pages, [\d.]+ kB\n$/),
  });
  const asked = ["x/2cb 0x1003f", "x/1cb 0x11fff", "x/1cb 0x12000", "x/1cb 0x20000", "info files"].flatMap((each) => [
    "-ex",
    each,
  ]);
  const gdb = spawnSync("gdb", ["-batch", "-nx", "-c", join(desk.path, "cores/process-11.core"), ...asked], { encoding: "utf8" });
  // The first line of the first page is the increment's own, the rest is its parent's; the third page is zero.
  expect(gdb.stdout).toContain("0x1003f:\t101 'e'\t97 'a'\n0x11fff:\t98 'b'\n0x12000:\t0 '\\000'\n0x20000:\t100 'd'\n");
  expect(
    [...gdb.stdout.matchAll(/(0x[0-9a-f]+) - (0x[0-9a-f]+) is load/g)].map(([, start, end]) => [Number(start), Number(end)]),
  ).toEqual([
    [0x10000, 0x14000],
    [0x20000, 0x22000],
  ]);
});

test("nothing is written over, and nothing of a page that changed on the disk is believed", async () => {
  mkdirSync(join(desk.path, "full"));
  desk.put("full/file", "");
  const over = await run(["restore", "store", "--out", "full"], { cwd: desk.path });
  expect(over).toEqual({ code: 2, stdout: "", stderr: "pagelapse: full: expected a new or an empty folder, found file in it\n" });
  putStore(join(desk.path, "broken"));
  desk.put("broken/image-1/pages-2.img", new Uint8Array(4096));
  const bad = await run(["restore", "broken/image-2", "--out", "bad"], { cwd: desk.path });
  expect({ code: bad.code, stdout: bad.stdout }).toEqual({ code: 2, stdout: "" });
  expect(bad.stderr).toMatch(
    /^pagelapse: broken\/image-1\/pages-2\.img: offset 0: expected page 2 of the image with the checksum/,
  );
  expect((await run(["restore", "store"], { cwd: desk.path })).stderr).toBe(
    "pagelapse: required option '--out <folder>' not specified\n",
  );
});
