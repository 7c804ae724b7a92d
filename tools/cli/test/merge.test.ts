// A chain merged: a full image with the same memory, byte for byte.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, run } from "./command.ts";
import { pagesIn, putStore, storeIn } from "./small-store.ts";

const desk = new Desk();
afterAll(() => desk.clear());

test("the newest image and all that it builds on become a full one beside them, with the same memory", async () => {
  const folder = putStore(join(desk.path, "store"));
  const { code, stdout, stderr } = await run(["merge", "store"], { cwd: desk.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^store\/image-4: 5 pages of 3 images, [\d.]+ kB\n$/);
  const store = storeIn(folder);
  const merged = store.openChain("image-4");
  expect(merged.images).toHaveLength(1);
  expect(pagesIn(merged)).toBe("0:10000=ea 0:11000=bb 0:12000=0 1:11000=cc 2:0=dd 2:1000=ff");
  expect(pagesIn(merged)).toBe(pagesIn(store.openChain("image-3")));
  expect((await run(["verify", "store"], { cwd: desk.path })).code).toBe(0);
});

test("one image goes to a folder of its own, and the same image gives the same bytes", async () => {
  putStore(join(desk.path, "source"));
  const { code, stdout } = await run(["merge", "source/image-2", "--out", "first", "--json"], { cwd: desk.path });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ merged: "first/image-1", images: 2, pages: 4 });
  await run(["merge", "source/image-2", "--out", "second"], { cwd: desk.path });
  for (const name of readdirSync(join(desk.path, "first/image-1"))) {
    const [left, right] = ["first", "second"].map((folder) => readFileSync(join(desk.path, folder, "image-1", name)));
    expect(left.equals(right), name).toBe(true);
  }
  expect(pagesIn(storeIn(join(desk.path, "first")).openChain("image-1"))).toBe(
    pagesIn(storeIn(join(desk.path, "source")).openChain("image-2")),
  );
});

test("what is damaged is refused, and nothing is left of the attempt", async () => {
  const folder = putStore(join(desk.path, "broken"));
  desk.put("broken/image-1/pages-1.img", new Uint8Array(8192));
  const { code, stdout, stderr } = await run(["merge", "broken"], { cwd: desk.path });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^pagelapse: broken\/image-1\/pages-1\.img: offset 0: expected page 0 of the image .*\n$/);
  expect(readdirSync(folder)).toEqual(["image-1", "image-2", "image-3"]);
});
