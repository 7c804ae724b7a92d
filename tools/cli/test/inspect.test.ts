// What is in images, as text and as JSON.

import { cpSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { Desk, run } from "./command.ts";
import { putStore } from "./small-store.ts";

const desk = new Desk();
afterAll(() => desk.clear());
putStore(join(desk.path, "store"));

test("a folder of images is a line each, with parents, pages and sizes", async () => {
  const { code, stdout, stderr } = await run(["inspect", "store"], { cwd: desk.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.replaceAll(/ +[\d.]+ kB/g, " # kB")).toBe(
    [
      "store: 3 images by small",
      "",
      "                 events    pro-   data            in",
      "image    parent  before  cesses  pages  zero  parent    bytes  pages as",
      "image-1       -     100       2      4     0       0 # kB  raw",
      "image-2       1     200       2      1     1       3 # kB  lines",
      "image-3       2     300       2      1     1       4 # kB  raw",
      "",
    ].join("\n"),
  );
});

test("one image is its processes, areas and shared memory", async () => {
  const { code, stdout } = await run(["inspect", "store/image-2"], { cwd: desk.path });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^image-2: an increment on image-1 of x86-64 memory by small, 200 events in\.\n1 page of its own, lines, /,
  );
  expect(stdout).toContain(
    [
      "",
      "Process 12, child of 11: 2 areas, 0 pages here, 0 of zeros, 1 in the parent",
      "                                      in",
      "start    end  allows  data  zero  parent  name",
      "10000  14000  rw-p       0     0       1  [heap]",
      "20000  22000  rw-s       0     0       0  object 7",
      "",
      "Shared object 7: 0 pages here, 0 of zeros, 1 in the parent",
      "",
    ].join("\n"),
  );
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("--json is one object: the store's, or the whole tree of an image", async () => {
  const store = await run(["inspect", "store", "--json"], { cwd: desk.path });
  expect(JSON.parse(store.stdout)).toMatchObject({
    folder: "store",
    images: [{ name: "image-1" }, { name: "image-2", parent: 1, encoding: "lines", pages: { data: 1, zero: 1, parent: 3 } }, {}],
  });
  const image = await run(["inspect", "store/image-2", "--json"], { cwd: desk.path });
  expect(JSON.parse(image.stdout)).toMatchObject({
    name: "image-2",
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    sequence: 2,
    parent: { sequence: 1 },
    processes: [
      { pid: 11, runs: [{ start: 0x10000, pageCount: 1, kind: "DATA" }, {}, {}] },
      { pid: 12, parentPid: 11 },
    ],
  });
});

test("a dump that CRIU made is told of, restored, and made into an image of ours", async () => {
  const dump = fileURLToPath(new URL("../../../packages/checkpoint/test/criu/dump", import.meta.url));
  cpSync(dump, join(desk.path, "dump"), { recursive: true });
  for (const name of ["pages-1.img", "pages-2.img", "pages-3.img"])
    desk.put(`dump/${name}`, gunzipSync(readFileSync(join(dump, `${name}.gz`))));
  const told = await run(["inspect", "dump"], { cwd: desk.path });
  expect(told.stdout).toMatch(
    /^dump: a full image of x86-64 memory by criu, 0 events in\.\n\d+ pages of its own, raw, [\d.]+ kB in all\.\nCRIU wrote it/,
  );
  const merged = await run(["merge", "dump", "--out", "ours"], { cwd: desk.path });
  expect(merged).toEqual({ code: 0, stdout: expect.stringMatching(/^ours\/image-1: \d+ pages of 1 image, /), stderr: "" });
  expect((await run(["verify", "ours"], { cwd: desk.path })).code).toBe(0);
  for (const folder of ["dump", "ours"]) await run(["restore", folder, "--out", `from-${folder}`], { cwd: desk.path });
  for (const name of readdirSync(join(desk.path, "from-ours")).filter((file) => file.endsWith(".raw"))) {
    const [left, right] = ["dump", "ours"].map((folder) => readFileSync(join(desk.path, `from-${folder}`, name)));
    expect(left.length).toBeGreaterThan(0);
    expect(left.equals(right), name).toBe(true);
  }
});

test("an image that is not believed is refused in a line", async () => {
  putStore(join(desk.path, "broken"));
  desk.put("broken/image-1/checksums", new Uint8Array(3));
  const { code, stderr } = await run(["inspect", "broken/image-1"], { cwd: desk.path });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "pagelapse: broken/image-1/checksums: offset 3: expected a file of 16 bytes, found 3\n",
  });
  const store = await run(["inspect", "broken"], { cwd: desk.path });
  expect(store.stdout).toContain("broken: 0 images\n\ndamaged: broken/image-1/checksums: offset 3");
});
