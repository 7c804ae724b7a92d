// What is in a trace, as text and as JSON.

import { afterAll, expect, test } from "vitest";
import { Desk, ls, run } from "./command.ts";
import { final, map, page, record, start, store, stream } from "./stream.ts";

const desk = new Desk();
afterAll(() => desk.clear());

test("text fits 80 columns and names counts and areas", async () => {
  const { code, stdout, stderr } = await run(["info", ls]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(
    ": a recorded stream, 357.6 kB (5.0 MB unpacked)\n197,176 stores, 145 kernel writes, 65 pages of final contents\n",
  );
  expect(stdout).toMatch(/^STORE +197,176$/m);
  expect(stdout).toMatch(/^At the start: 12 areas, 380 KiB$/m);
  expect(stdout).toMatch(/^At the end: \d+ areas, [\d,]+ KiB$/m);
  expect(stdout).toMatch(/^ *108000 +10c000 {2}r--p +16 KiB {2}\/usr\/bin\/ls$/m);
  expect(
    stdout
      .split("\n")
      .slice(1)
      .filter((line) => line.length > 80 || line.endsWith(" ")),
  ).toEqual([]);
});

test("--json is one object", async () => {
  const bytes = stream(
    start(0x10000, page()),
    map(0x20000, 8192),
    store(0x10008, 7),
    record(0x16, 0, 0x10010, 8, 8),
    final(0x10000, page({ 8: 7, 16: 8 })),
  );
  const { code, stdout } = await run(["info", desk.put("small.mr", bytes), "--json"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(stdout)).toMatchObject({
    format: "recorded-stream",
    fileBytes: bytes.length,
    traceBytes: bytes.length,
    records: { START: 1, MAP: 1, STORE: 1, KERNEL_WRITE: 1, FINAL: 1 },
    stores: 1,
    kernelWrites: 1,
    areasAtStart: [{ start: 0x10000, end: 0x11000 }],
    areasAtEnd: [
      { start: 0x10000, end: 0x11000 },
      { start: 0x20000, end: 0x22000 },
    ],
    finalPages: 1,
  });
});

test("a name of a mapping cannot speak to the terminal", async () => {
  const name = Buffer.from("/tmp/\u001b[2J\nx");
  const bytes = stream(record(0x10, 0, 0x10000, 4096, 1, 0, name.length, name));
  const { stdout } = await run(["info", desk.put("named.mr", bytes)]);
  expect(stdout).toContain("/tmp/\\e[2J\\nx\n");
  expect(stdout).not.toContain("\u001b");
});
