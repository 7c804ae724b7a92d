// Events of the machine as text and as JSON lines.

import { afterAll, expect, test } from "vitest";
import { Desk, ls, run, sqlite } from "./command.ts";
import { map, record, start, store, stream, page } from "./stream.ts";

const desk = new Desk();
afterAll(() => desk.clear());

interface EventJson {
  readonly moment: number;
  readonly kind: string;
  readonly vaddr?: number;
  readonly bytes?: string;
}

async function eventsJson(...words: readonly string[]): Promise<readonly EventJson[]> {
  const { code, stdout, stderr } = await run(["events", ...words, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line): EventJson => JSON.parse(line));
}

test("moments count every event from 0, whatever is printed", async () => {
  const path = desk.put("small.mr", stream(start(0x10000, page()), store(0x10008, 7), store(0x10009, 8)));
  const all = await eventsJson(path);
  expect(all.map(({ moment }) => moment)).toEqual(all.map((_, index) => index));
  const stores = await eventsJson(path, "--kind", "store");
  expect(stores).toEqual(all.filter(({ kind }) => kind === "store"));
  expect(stores.map(({ vaddr, bytes }) => [vaddr, bytes])).toEqual([
    [0x10008, "07"],
    [0x10009, "08"],
  ]);
  const [first] = stores;
  expect(await eventsJson(path, "--from", `${first.moment}`, "--count", "2")).toEqual(all.slice(first.moment, first.moment + 2));
  expect(await eventsJson(path, "--from", `${all.length}`)).toEqual([]);
});

test("text has a heading, and a line an event", async () => {
  const { code, stdout } = await run(["events", ls, "--from", "5000", "--count", "3", "--kind", "store,dirty-set"]);
  expect(code).toBe(0);
  const lines = stdout.split("\n");
  expect(lines[0]).toBe("  moment  kind                    virtual    physical  size  what");
  expect(lines.slice(1, -1)).toHaveLength(3);
  for (const line of lines.slice(1, -1))
    expect(line).toMatch(/^ +\d+ {2}(store|dirty-set) +0x[0-9a-f]+ +0x[0-9a-f]+ +\d+ {2}[0-9a-f]+ {2}by 0x[0-9a-f]+$/);
});

test("areas, ranges and addresses of a detail are shown as such", async () => {
  const path = desk.put(
    "details.mr",
    stream(map(0x10000, 8192), record(0x12, 0, 0x10000, 4096, 1), record(0x11, 0, 0x11000, 4096)),
  );
  const { stdout } = await run(["events", path, "--kind", "area-mapped,area-protected,area-unmapped"]);
  expect(
    stdout
      .split("\n")
      .slice(1, -1)
      .map((line) => line.slice(10)),
  ).toEqual([
    "area-mapped      0x10000-0x12000 rw-p",
    "area-protected   0x10000-0x11000, r--p",
    "area-unmapped    0x11000-0x12000",
  ]);
});

test("loads are events only when asked for", async () => {
  const path = desk.put("loads.mr", stream(map(0x10000, 4096), record(0x01, 4, 0x10000)));
  expect(await eventsJson(path, "--kind", "load")).toEqual([]);
  expect(await eventsJson(path, "--kind", "load", "--loads")).toMatchObject([{ kind: "load", vaddr: 0x10000 }]);
});

test("nothing is decoded that was not asked for", async () => {
  // What stands behind the first step of the trace is never looked at.
  const bad = stream(map(0x10000, 4096), ...Array.from({ length: 1000 }, () => store(0x10000, 1)), record(0x77, 0, 0));
  const path = desk.put("bad-later.mr", bad);
  expect(await eventsJson(path, "--kind", "store", "--count", "5")).toHaveLength(5);
  expect((await run(["events", path])).code).toBe(2);
  expect(await eventsJson(sqlite, "--count", "1")).toHaveLength(1);
});
