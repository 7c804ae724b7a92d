// A replay that is recorded, and what the recording holds.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, ls, run } from "./command.ts";
import { map, store, stream, record } from "./stream.ts";
import { timelineOf } from "./recording.ts";

const desk = new Desk();
afterAll(() => desk.clear());

test("a recording holds every event of the first strategy's machine, checkpoints among them", async () => {
  const file = join(desk.path, "ls.plr");
  const words = ["replay", ls, "--every", "80k", "--strategy", "dirty-bit,report-basic", "--json"];
  const { code, stdout } = await run([...words, "--record", file]);
  expect(code).toBe(0);
  const timeline = await timelineOf(Uint8Array.from(readFileSync(file)));
  const { strategies }: { readonly strategies: readonly { readonly events: number; readonly checkpoints: number }[] } =
    JSON.parse(stdout);
  expect([timeline.moments, timeline.cut]).toEqual([strategies[0].events, undefined]);
  expect((await timeline.at(timeline.moments)).state.checkpoints).toHaveLength(strategies[0].checkpoints);
  const shown = await run(["debug", file, "--batch", "-ex", "goto end", "-ex", "info checkpoints"]);
  expect(shown.stdout.split("\n").filter((line) => line.startsWith("*"))).toHaveLength(2);
});

test("loads are in it when they are asked for", async () => {
  const trace = desk.put("loads.mr", stream(map(0x10000, 4096), store(0x10000, 1), record(0x01, 4, 0x10000)));
  for (const [flags, count] of [
    [["--loads"], 1],
    [[], 0],
  ] as const) {
    const file = join(desk.path, `loads-${count}.plr`);
    expect((await run(["replay", trace, "--record", file, ...flags])).code).toBe(0);
    const timeline = await timelineOf(Uint8Array.from(readFileSync(file)));
    const found = await timeline.find({ from: 0, direction: "forward", kinds: ["load"] });
    expect(found.kind).toBe(count === 1 ? "found" : "none");
  }
});

test("a file that exists is not written over, and a trace that is refused leaves none", async () => {
  const mine = desk.put("mine.plr", "mine");
  const { code, stderr } = await run(["replay", ls, "--record", mine]);
  expect([code, stderr]).toEqual([
    2,
    `pagelapse: ${mine}: expected a file that does not exist yet, found something there already (EEXIST)\n`,
  ]);
  expect(readFileSync(mine, "utf8")).toBe("mine");
  const bad = desk.put("bad.mr", stream(map(0x10000, 4096), record(0x77, 0, 0)));
  const file = join(desk.path, "bad.plr");
  expect((await run(["replay", bad, "--record", file])).code).toBe(2);
  expect(existsSync(file)).toBe(false);
});
