// Lackey text, with and without the layouts that Valgrind prints beside it.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { Desk, run } from "./command.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const text = `==7== Lackey, an example Valgrind tool
I  00108000,3
 S 04000ff8,8
 L 04000ff8,8
 M 04001000,4
SYSCALL[7,1](1) sys_write ( 1, 0x4000ff8, 8 ) --> [async] ...
SYSCALL[7,1](1) ... [async] --> Success(0x8)
 S 04001ffe,4
==7== done
`;

/** What `valgrind -d` prints: layouts at start and exit, with the protection of the second segment at exit. */
function maps(atExit: string): string {
  return layout("startup", "rw-") + layout("shutdown", atExit);
}

function layout(moment: string, protection: string): string {
  return `--7:1: aspacem <<< SHOW_SEGMENTS: Memory layout at client ${moment} (2 segments)
--7:1: aspacem 1 segment names in 1 slots
--7:1: aspacem (1,49,7) /usr/bin/true
--7:1: aspacem   0: file 0000108000-0000108fff    4096 r-x-- d=0xfe00 i=260958  o=0       (1,49)
--7:1: aspacem   1: anon 0004000000-0004002fff   12288 ${protection}--
--7:1: aspacem >>>
`;
}

async function replayText(name: string, ...words: readonly string[]) {
  const path = desk.put(`${name}.lackey.gz`, gzipSync(text));
  const { code, stdout, stderr } = await run([
    "replay",
    path,
    "--every",
    "1",
    "--json",
    "--out",
    join(desk.path, name),
    ...words,
  ]);
  expect(stderr).toBe("");
  return { code, json: JSON.parse(stdout) };
}

test("without layouts areas are inferred, and that is said", async () => {
  const { code, json } = await replayText("alone");
  expect(code).toBe(0);
  expect(json).toMatchObject({
    format: "lackey-text",
    stores: 3,
    kernelWrites: 0,
    final: { pages: 0, wrongBytes: 0 },
    held: true,
  });
  expect(json.strategies[0]).toMatchObject({ name: "dirty-bit", checkpoints: 3, wrongPages: 0 });
  expect(json.findings).toContain(
    "Lackey text gives no values: stored bytes are derived from their place in the trace, and areas are inferred from first touches (--maps gives the real ones).",
  );
});

test("with layouts the areas are Valgrind's, and those at exit are compared", async () => {
  const { code, json } = await replayText("with-maps", "--maps", desk.put("maps.gz", gzipSync(maps("rw-"))));
  expect(code).toBe(0);
  expect(json.layout).toMatchObject({ pages: 4, differences: [] });
  expect(json.findings).toContain("The layout at exit agrees with Valgrind's: 4 pages.");
});

test("a layout at exit that differs is told, with exit code 1", async () => {
  const { code, json } = await replayText("differs", "--maps", desk.put("maps", maps("r--")));
  expect(code).toBe(1);
  expect(json.held).toBe(false);
  expect(json.findings).toContain(
    "The layout at exit differs from Valgrind's in 1 range; the first is 0x4000000-0x4003000, expected r--, found rw-.",
  );
});

test("info counts its lines", async () => {
  const { code, stdout } = await run(["info", desk.put("info.lackey", text)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^stores +2$/m);
  expect(stdout).toMatch(/^modifications +1$/m);
});
