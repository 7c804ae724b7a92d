// Runs that end before their end: nothing half done stays, and a reader who leaves is no fault.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, bin, run, shell, sqlite } from "./command.ts";
import { map, store, stream } from "./stream.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const signals = [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

test.each(signals)("%s leaves nothing behind but what was there", async (signal, code) => {
  const out = join(desk.path, signal);
  mkdirSync(join(out, "notes"), { recursive: true });
  const child = spawn(process.execPath, [bin, "replay", sqlite, "--every", "100", "--out", out], { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  while (!existsSync(join(out, "dirty-bit")) || readdirSync(join(out, "dirty-bit")).length < 3)
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
  expect(await ended).toBe(code);
  expect(readdirSync(out)).toEqual(["notes"]);
});

test.each(["info", "events"])("%s hears Ctrl-C though its trace is hard to digest", async (command) => {
  // Each area makes the next one cost more: thousands of them, in one chunk of a file, take half a minute.
  const areas = Array.from({ length: 20_000 }, (_, index) => map(0x10000 + index * 0x2000, 4096));
  const path = desk.put(`${command}.mr`, stream(...areas, store(0x10000, 1)));
  const child = spawn(process.execPath, [bin, command, path], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const begun = performance.now();
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(performance.now() - begun).toBeLessThan(3000);
});

test("a folder that the run made goes with it", async () => {
  const out = join(desk.path, "made", "below");
  const child = spawn(process.execPath, [bin, "replay", sqlite, "--every", "100", "--out", out], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  while (!existsSync(join(out, "dirty-bit"))) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  await ended;
  expect(readdirSync(desk.path)).not.toContain("made");
});

test("a trace that turns out bad takes its checkpoints with it", async () => {
  const out = join(desk.path, "bad");
  const { code, stderr } = await shell(`head -c 1000000 ${sqlite} | $PAGELAPSE replay - --every 100k --out ${out}`);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "pagelapse: standard input: offset 1000000: expected more gzip data, found the end of the file\n",
  });
  expect(existsSync(out)).toBe(false);
});

test("a reader who leaves ends the command quietly", async () => {
  const { code, stdout, stderr } = await shell(`{ $PAGELAPSE events ${sqlite}; echo "exit $?" >&2; } | head -n 2 | wc -l`);
  expect({ code, stdout: stdout.trim(), stderr }).toEqual({ code: 0, stdout: "2", stderr: "exit 0\n" });
});

test("standard input that is empty is refused", async () => {
  const { code, stderr } = await run(["replay", "-"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^pagelapse: standard input: offset 0: expected a recorded stream .*, found nothing\n$/);
});
