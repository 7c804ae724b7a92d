// The debugger's session in the README is real: the commands are run, and give what stands there, but for numbers.

import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { Desk, run, sqlite } from "./command.ts";
import { recordTrace } from "./recording.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const prompt = /^\d+% [\d,]+> /;

test("the session of the README is real", async () => {
  const session = /## A debugger for the past\n[\s\S]*?```\n([\s\S]*?)```/.exec(readme)?.[1].split("\n").slice(0, -1) ?? [];
  const commands = session.filter((line) => prompt.test(line)).map((line) => line.replace(prompt, ""));
  expect(commands.length).toBeGreaterThan(4);
  const path = desk.put("run.plr", recordTrace(sqlite, 100_000));
  const { code, stdout } = await run(["debug", path], { stdin: Buffer.from(commands.join("\n")) });
  expect(code).toBe(0);
  const answers = session.filter((line) => !prompt.test(line));
  expect(stdout.split("\n").slice(0, -1).map(withoutNumbers)).toEqual(answers.map(withoutNumbers));
});

/** Of the columns that the README has room for. */
function withoutNumbers(line: string): string {
  return line
    .slice(0, 80)
    .replaceAll(/\b(0x[0-9a-f]+|[0-9a-f]{8,}|[\d,]+)/g, "#")
    .replaceAll(/ +/g, " ");
}
