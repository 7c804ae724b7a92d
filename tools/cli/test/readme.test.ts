// The README's sessions are real: each command is run, and prints the lines that stand below it.

import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, ls, shell } from "./command.ts";

const desk = new Desk();
afterAll(() => desk.clear());
mkdirSync(join(desk.path, "tmp"));
cpSync(dirname(ls), desk.path, { recursive: true });
// The memory that its walk is shown in: the tables of a guest, as QEMU wrote them.
cpSync(new URL("../../../packages/mmu/test/fixtures/x86-64.frames", import.meta.url), join(desk.path, "tables.txt"));

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/```\n([\s\S]*?)```/g)].flatMap((match) => match[1].split(/^\$ /m).slice(1));
const sessions = blocks
  .filter((block) => !block.startsWith("npm "))
  .map((block) => [block.split("\n")[0], block.split("\n").slice(1)] as const);

test.each(sessions)("%s", async (line, shown) => {
  const { code, stdout, stderr } = await shell(line.replaceAll("pagelapse", "$PAGELAPSE"), {
    cwd: desk.path,
    env: { TMPDIR: join(desk.path, "tmp") },
  });
  // A hunt that finds what it is shown to find ends with 1.
  expect({ code, stderr }).toEqual({ code: line.includes(" hunt ") ? 1 : 0, stderr: "" });
  const printed = stdout.split("\n").map(withoutTimes);
  expect(printed.slice(0, shown.length - 1)).toEqual(shown.slice(0, -1).map(withoutTimes));
});

function withoutTimes(line: string): string {
  return line.replace(/ +[\d.]+ s\b/g, " # s");
}
