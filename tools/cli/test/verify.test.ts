// Images checked byte for byte: what is said of whole ones, and of those that are not.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, ls, run } from "./command.ts";
import { putStore } from "./small-store.ts";

const desk = new Desk();
afterAll(() => desk.clear());

/** Changes one byte of a file. */
function damage(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
}

test("a folder of whole images is said to be whole, and so is one image with all that it builds on", async () => {
  const folder = putStore(join(desk.path, "whole"));
  const all = await run(["verify", folder]);
  expect(all).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /whole: 3 whole images, 6 pages, [\d.]+ kB\.\nEvery image is whole, with all that it builds on\.\n$/,
    ),
    stderr: "",
  });
  const one = await run(["verify", join(folder, "image-2")]);
  expect(one).toEqual({ code: 0, stdout: expect.stringContaining("2 whole images, 5 pages"), stderr: "" });
});

test("a byte that changed is found, with the images that it takes along, and the exit code is 1", async () => {
  putStore(join(desk.path, "damaged"));
  damage(join(desk.path, "damaged/image-2/pages.lines"), 20);
  mkdirSync(join(desk.path, "damaged/.tmp-4-0"));
  writeFileSync(join(desk.path, "damaged/notes"), "");
  const { code, stdout, stderr } = await run(["verify", "damaged"], { cwd: desk.path });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout.replace(/checksum [0-9a-f]+, found [0-9a-f]+/, "checksum #, found #").replace(/[\d.]+ kB/, "# kB")).toBe(
    [
      "damaged: 1 whole image, 4 pages, # kB.",
      "damaged: damaged/image-2/pages.lines: offset 8: expected page 0 of the image",
      "  with the checksum #, found #",
      "orphaned: damaged/image-3/manifest.json: offset 0: expected image-2 below it,",
      "  whole, found none that is believed",
      ".tmp-4-0: never committed, or half removed",
      "notes: not the store's",
      "Rejected: 2; the newest whole image: image-1.",
      "",
    ].join("\n"),
  );
  const chain = await run(["verify", "damaged/image-3", "--json"], { cwd: desk.path });
  expect(chain.code).toBe(1);
  expect(JSON.parse(chain.stdout)).toMatchObject({
    images: [{ name: "image-1", sequence: 1, pages: 4, encoding: "raw" }],
    rejected: [{ name: "image-3", kind: "damaged", reason: expect.stringContaining("damaged/image-2/pages.lines: offset 8") }],
    newest: "image-1",
  });
});

test("what a replay leaves behind is whole, lines and compressed pages among it", async () => {
  const names = ["dirty-bit+compressed", "sub-page"];
  const out = join(desk.path, "out");
  const replayed = await run(["replay", ls, "--every", "60k", "--strategy", names.join(","), "--out", out, "--json"]);
  expect(replayed.code).toBe(0);
  for (const name of names) {
    const { code, stdout } = await run(["verify", join(out, name), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ images: [{ name: "image-1" }, { parent: 1 }, { parent: 2 }], rejected: [] });
  }
});

test("an image without its manifest is damaged, and not another kind of folder", async () => {
  putStore(join(desk.path, "headless"));
  rmSync(join(desk.path, "headless/image-1/manifest.json"));
  const { code, stdout } = await run(["verify", "headless/image-1"], { cwd: desk.path });
  expect({ code, stdout: stdout.replaceAll("\n  ", " ") }).toEqual({
    code: 1,
    stdout: expect.stringContaining("found no such file or directory (ENOENT)"),
  });
});

test.each([
  ["nowhere", "nowhere: expected a folder of images, found no such file or directory (ENOENT)"],
  ["empty", "empty: expected images: folders image-1, image-2, ..., found nothing"],
  ["file", "file: expected a folder, found a file"],
  ["criu", "criu: expected an image with manifest.json, found one that CRIU itself wrote, which has no checksums"],
])("%s is refused in a line", async (name, line) => {
  desk.put("file", "");
  mkdirSync(join(desk.path, "empty"), { recursive: true });
  mkdirSync(join(desk.path, "criu"), { recursive: true });
  desk.put("criu/inventory.img", "");
  const { code, stdout, stderr } = await run(["verify", name], { cwd: desk.path });
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `pagelapse: ${line}\n` });
});
