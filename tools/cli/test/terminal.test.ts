// On a terminal: a progress bar that goes again, and lines that fit.

import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, ls, shell } from "./command.ts";

const desk = new Desk();
afterAll(() => desk.clear());

/** Runs a line of sh in a terminal, where util-linux has one to lend; `skip` is told why not. */
async function inTerminal(line: string, skip: (why: string) => void, columns: number = 80): Promise<string> {
  const { stdout: version } = await shell("script --version");
  if (!version.includes("util-linux")) skip("no terminal to be had: util-linux's script is not here");
  const { stdout } = await shell(`script -qec "stty cols ${columns} rows 24; ${line}" /dev/null`, { env: { TERM: "xterm" } });
  return stdout;
}

/** Back to the line's start; and wiped from there. */
const carriageReturn = "\r";
const wipe = "\u001b[K";

test("replay draws a bar and wipes it away before the report", async ({ skip }) => {
  const out = await inTerminal(`$PAGELAPSE replay ${ls} --strategy dirty-bit --out ${join(desk.path, "bar")}`, skip);
  const [report, ...bars] = out.split(wipe).toReversed();
  expect(bars.length).toBeGreaterThan(1);
  expect(bars[0]).toBe(carriageReturn);
  for (const bar of bars.slice(1)) expect(bar).toMatch(/^\r\[[= ]{24}\] +\d+ % [\d,]+ stores?, [\d,]+ a second$/);
  expect(report).toContain("197,176 stores");
});

test("events cuts its lines to the terminal, as ps does", async ({ skip }) => {
  const out = await inTerminal(`$PAGELAPSE events ${ls} --kind area-mapped --count 9`, skip);
  const lines = out.split("\r\n").slice(0, -1);
  expect(lines).toHaveLength(10);
  expect(Math.max(...lines.map((line) => line.length))).toBe(80);
});

test("events are whole on a terminal that does not know its width", async ({ skip }) => {
  const out = await inTerminal(`$PAGELAPSE events ${ls} --kind store --count 1`, skip, 0);
  expect(out).toMatch(/^ *moment .*\r\n +\d+ {2}store .* by 0x[0-9a-f]+\r\n$/);
});
