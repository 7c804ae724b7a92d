// Two images compared: what is said of pages, areas and bytes, and how the command ends.

import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, run } from "./command.ts";
import { putStore } from "./small-store.ts";

const desk = new Desk();
afterAll(() => desk.clear());
putStore(join(desk.path, "store"));

test("pages with other bytes are told with the ranges, and the exit code is 1", async () => {
  const { code, stdout, stderr } = await run(["diff", "store/image-1", "store"], { cwd: desk.path });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toBe(
    [
      "process 11 0x10000: bytes 0-63",
      "  - 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61  aaaaaaaaaaaaaaaa",
      "  + 65 65 65 65 65 65 65 65 65 65 65 65 65 65 65 65  eeeeeeeeeeeeeeee",
      "object 7 0x1000: bytes 0-4095",
      "  - 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................",
      "  + 66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 66  ffffffffffffffff",
      "Other: 2 pages, 4,160 known bytes.",
      "",
    ].join("\n"),
  );
  const few = await run(["diff", "store/image-1", "store", "--pages", "1"], { cwd: desk.path });
  expect(few.stdout).toMatch(
    /^process 11 0x10000: bytes 0-63\n {2}- .*\n {2}\+ .*\n\.\.\. and 1 page more \(--pages, --json\)\n/,
  );
});

test("an image and the full one that it was merged into are the same", async () => {
  expect((await run(["merge", "store", "--out", "merged"], { cwd: desk.path })).code).toBe(0);
  const same = await run(["diff", "store/image-3", "merged"], { cwd: desk.path });
  expect(same).toEqual({ code: 0, stdout: "No difference.\n", stderr: "" });
});

test("--json is one object with every difference", async () => {
  const { code, stdout } = await run(["diff", "store/image-1", "store/image-2", "--json"], { cwd: desk.path });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    before: "store/image-1",
    after: "store/image-2",
    differences: [
      {
        kind: "page",
        map: "process 11",
        address: 0x10000,
        before: "bytes",
        after: "bytes",
        ranges: [[0, 64]],
        first: { before: Array(16).fill(0x61), after: Array(16).fill(0x65) },
      },
    ],
  });
});

test("what is damaged is refused, on the side where it is", async () => {
  for (const [name, words] of [
    ["left", ["left/image-2", "store/image-2"]],
    ["right", ["store/image-2", "right/image-2"]],
  ] as const) {
    putStore(join(desk.path, name));
    desk.put(`${name}/image-1/pages-1.img`, new Uint8Array(8192));
    const { code, stdout, stderr } = await run(["diff", ...words], { cwd: desk.path });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^pagelapse: ${name}/image-1/pages-1\\.img: offset \\d+: expected page \\d`));
  }
});
