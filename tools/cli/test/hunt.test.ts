// `pagelapse hunt`: what it finds, saves and says.

import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Desk, bin, ls, run } from "./command.ts";

const desks: Desk[] = [];
let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desks.push(desk);
});
afterAll(() => desks.forEach((each) => each.clear()));

const hunt = (...words: readonly string[]) => run(["hunt", ...words], { cwd: desk.path });

test("a counterexample is told with its reasons, saved, and comes out again as it says", async () => {
  const { code, stdout, stderr } = await hunt("--strategy", "dirty-bit-no-flush");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(
    stdout
      .replace(/frame \d+/g, "frame N")
      .replace(/^History \d+/m, "History N")
      .split("\n"),
  ).toEqual([
    "dirty-bit-no-flush loses A.0 at K1.",
    "History N of seed 1; K1 brings A.0 back as K0 saved it: w A.0 2 is missing.",
    "",
    "  map A 1 rw anon",
    "  w A.0 1          gets frame N, D set",
    "  checkpoint K0    saves A.0; D cleared, the TLB not told",
    "  w A.0 2          hits the TLB, where D is cached: D in the entry stays clear",
    "  checkpoint K1    does not save A.0: D is clear, in frame N as before",
    "",
    "Scenario: dirty-bit-no-flush-1.scenario",
    "",
  ]);
  const replayed = await run(["replay", "dirty-bit-no-flush-1.scenario", "--strategy", "dirty-bit-no-flush,dirty-bit"], {
    cwd: desk.path,
  });
  expect(replayed.code).toBe(0);
  expect(replayed.stdout).toContain("dirty-bit-no-flush: loses A.0 at K1, as expected.");
});

test("where nothing is found that is said, and nothing is saved", async () => {
  const { code, stdout, stderr } = await hunt("--strategy", "dirty-bit", "--runs", "40", "--seed", "9");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^No counterexample in 40 runs: dirty-bit lost nothing\.\nSeed 9: [\d,]+ steps, [\d,]+ checkpoints/);
  expect(readdirSync(desk.path)).toEqual([]);
});

describe("--json prints one object", () => {
  test("of a counterexample", async () => {
    const { code, stdout } = await hunt("--strategy", "residency", "--out", "lost.scenario", "--json");
    const found: Readonly<Record<string, unknown>> = JSON.parse(stdout);
    expect({ code, ...found }).toMatchObject({ code: 1, strategy: "residency", seed: 1, found: true, out: "lost.scenario" });
    expect(found["lost"]).toBe("loses A.0 at K0");
    expect(found["scenario"]).toBe(readFileSync(join(desk.path, "lost.scenario"), "utf8"));
  });

  test("of none", async () => {
    const { code, stdout } = await hunt("--strategy", "content-hash", "--runs", "20", "--json");
    const result: Readonly<Record<string, unknown>> = JSON.parse(stdout);
    expect({ code, ...result }).toMatchObject({ code: 0, strategy: "content-hash", runs: 20, found: false });
    expect(Object.keys(result)).toEqual([
      "strategy",
      "runs",
      "seed",
      "found",
      "steps",
      "checkpoints",
      "failedCheckpoints",
      "pagesSaved",
      "met",
    ]);
  });
});

/** A strategy of somebody's own: pages that were stored to since, by D, which is left as it is. */
const mine = (judge: string): string => `
import { isUntouched, trackingStrategy } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";
export default trackingStrategy({
  name: "mine",
  claim: "correct",
  summary: \`pages of \${frameBytes} bytes\`,
  track: () => ({ look: () => (page) => (${judge} ? "unchanged" : "changed"), clear() {} }),
});
`;

describe("a module of one's own, far from any workspace", () => {
  test("is found wrong", async () => {
    desk.put("mine.js", mine("page.isSameFrame"));
    const { code, stdout, stderr } = await hunt("--strategy", "./mine.js", "--seed", "3");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^\.\/mine\.js loses A\.0 at K1\.\n/);
    expect(stdout).toContain("Scenario: mine-3.scenario");
    expect(readdirSync(desk.path).toSorted()).toEqual(["mine-3.scenario", "mine.js"]);
    const replayed = await run(["replay", "mine-3.scenario", "--strategy", "./mine.js,dirty-bit"], { cwd: desk.path });
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toContain("mine: expected holds; found loses A.0 at K1.");
    expect((await run(["replay", ls, "--strategy", "dirty-bit,./mine.js"], { cwd: desk.path })).stdout).toContain("\nmine  ");
  });

  test("and right", async () => {
    desk.put("mine.mjs", mine("isUntouched(page)").replace("export default", "export const strategy ="));
    const { code, stdout } = await hunt("--strategy", "mine.mjs", "--runs", "60");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("mine.mjs lost nothing") });
    const twice = await run(["replay", ls, "--strategy", "mine.mjs,./mine.mjs"], { cwd: desk.path });
    expect(twice).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("./mine.mjs: expected strategies of different names"),
    });
  });
});

describe("what cannot be hunted is refused in a line", () => {
  test.each<readonly [words: string, line: string]>([
    ["", "required option '--strategy <name>' not specified"],
    ["--strategy dirty-bits", 'found "dirty-bits" (did you mean dirty-bit?)'],
    ["--strategy ./none.js", "./none.js: expected a module that exports a strategy, found no such file or directory (ENOENT)"],
    [
      "--strategy ./empty.js",
      "./empty.js: expected a strategy exported as default or as strategy (name, claim, start, rebuild), found none",
    ],
    ["--strategy ./broken.js", "./broken.js: expected a module that can be loaded, found SyntaxError: Unexpected end of input"],
    ["--strategy ./lacking.js", "./lacking.js: expected a module that can be loaded, found Error: Cannot find package 'nowhere'"],
    ["--strategy ./named.js", './named.js: expected a strategy\'s name in small letters, digits and -, found "../mine"'],
    [
      "--strategy ./moody.js",
      "./moody.js: expected a strategy that does the same each time, found one that failed a history once",
    ],
    ["--strategy residency --out taken", "taken: expected a file that is not there yet, found something there already (EEXIST)"],
    [
      "--strategy residency --out no/such/x",
      "no/such/x: expected a file that is not there yet, found no such file or directory (ENOENT)",
    ],
    ["--strategy residency --runs 0", "--runs: expected a whole number of at least 1"],
    ["--strategy residency --seed x", "--seed: expected a whole number of at least 0"],
    ["--strategy residency --arch z80", "--arch: expected i386, i386-pae"],
  ])("hunt %s", async (words, line) => {
    desk.put("empty.js", "export const nothing = 1;");
    desk.put("broken.js", "export default {");
    desk.put("lacking.js", 'import "nowhere"; export default 1;');
    desk.put("named.js", mine("true").replace('"mine"', '"../mine"'));
    desk.put("moody.js", `let count = 0;${mine("(count++ === 100 ? page.missing.sight : isUntouched(page))")}`);
    desk.put("taken", "");
    const { code, stdout, stderr } = await hunt(...words.split(" ").filter((word) => word !== ""));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(line);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    expect(readFileSync(join(desk.path, "taken"), "utf8")).toBe("");
  });
});

test("Ctrl-C ends a long hunt, and leaves nothing behind", async () => {
  const child = spawn(process.execPath, [bin, "hunt", "--strategy", "dirty-bit", "--runs", "10M"], {
    cwd: desk.path,
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(readdirSync(desk.path)).toEqual([]);
});
