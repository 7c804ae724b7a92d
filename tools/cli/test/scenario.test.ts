// Scenarios, as a person replays them: what is printed, what is left on disk, and what the exit code says.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { Desk, run } from "./command.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/trace/scenarios/${name}.scenario`, import.meta.url));
const stolen = shipped("f13-dirty-bit-stolen");
const lost = "# A page that is lost.\nmap A 1 rw anon\nw A.0 7\nswapout A.0\ncheckpoint K0\n";

describe("a scenario that comes out as it says", () => {
  test("prints what it shows and what came of each strategy, in 80 columns, and leaves the files", async () => {
    const { code, stdout, stderr } = await run(["replay", stolen, "--out", join(desk.path, "one")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("tells nobody.");
    for (const name of ["dirty-bit", "report-basic", "report-incremental"])
      expect(stdout).toMatch(new RegExp(`^${name} +1 +1 +[45]\\.\\d kB  met$`, "m"));
    expect(stdout).toContain("\ndirty-bit: holds, as expected.\n");
    expect(stdout).toContain("\nreport-incremental: corrupts A.0, as expected.\nAll came as expected.\n");
    const own = stdout.split("\n").filter((line) => !line.includes(desk.path) && !line.includes(stolen));
    expect(own.filter((line) => line.length > 80 || line.endsWith(" "))).toEqual([]);
    expect(readdirSync(join(desk.path, "one", "report-basic"))).toEqual(["cp_1_0"]);
    expect(readdirSync(join(desk.path, "one", "dirty-bit"))).toEqual(["image-1"]);
  });

  test("prints the same each time", async () => {
    const [once, again] = await Promise.all(
      ["two", "six"].map((name) => run(["replay", stolen, "--out", join(desk.path, name)])),
    );
    expect(again.stdout.replace("six", "two")).toBe(once.stdout);
  });

  test("is told as one JSON object on request", async () => {
    const { code, stdout } = await run(["replay", stolen, "--json", "--strategy", "report-incremental"]);
    expect(code).toBe(0);
    const expected = { strategy: "report-incremental", expected: ["corrupts A.0"], found: ["corrupts A.0"], verdict: "met" };
    expect(JSON.parse(stdout)).toMatchObject({ scenario: stolen, held: true, strategies: [expected] });
  });
});

describe("an expectation that is not met", () => {
  test("ends with exit code 1 and a line that says what happened instead", async () => {
    const path = desk.put("unmet.scenario", `${lost}expect report-basic holds\n`);
    const { code, stdout, stderr } = await run(["replay", path]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("\nreport-basic: expected holds; found loses A.0 at K0.\n");
    expect(stdout).toContain("\nreport-incremental: loses A.0 at K0; nothing was expected.\n");
    expect(stdout).toContain("\nNot as expected: report-basic.\n");
  });

  test("is nobody's whose strategy does not take part", async () => {
    const path = desk.put("absent.scenario", `${lost}expect report-basic holds\n`);
    expect((await run(["replay", path, "--strategy", "dirty-bit"])).code).toBe(0);
  });
});

describe("what cannot be played is refused in one line, and leaves nothing", () => {
  const good = desk.put("good.scenario", lost);
  test.each<readonly [what: string, words: readonly string[], line: string]>([
    [
      "a word that is none",
      [desk.put("a.scenario", "map A 1 rw anon\n  jump\n")],
      "a.scenario: line 2, column 3: expected a command (machine, ",
    ],
    [
      "a page that is not there",
      [desk.put("b.scenario", "map A 1 rw anon\nw A.1 1\n")],
      "b.scenario: line 2, column 3: expected a page of A, which has 1 page, found A.1",
    ],
    [
      "a claim that is not true",
      [desk.put("c.scenario", "map A 1 rw anon\nassert A.0 == 1\n")],
      "c.scenario: line 2, column 8: expected A.0 == 1, found 0",
    ],
    [
      "bytes that are no text",
      [desk.put("d.scenario", Uint8Array.of(0x23, 0xff, 0x0a))],
      "d.scenario: expected text in UTF-8, found other bytes",
    ],
    [
      "a long file",
      [desk.put("e.scenario", "#".repeat(2 ** 20 + 1))],
      "e.scenario: offset 1048576: expected a scenario of at most 1,048,576 bytes, found a longer file",
    ],
    [
      "a file that is not there",
      [join(desk.path, "none.scenario")],
      "none.scenario: expected a trace, found no such file or directory (ENOENT)",
    ],
    ["--every", [good, "--every", "10"], "--every: expected no such flag beside a scenario, whose lines say it, found one"],
    ["--arch", [good, "--arch", "i386"], "--arch: expected no such flag beside a scenario, whose lines say it, found one"],
    ["--tlb", [good, "--tlb", "1x1"], "--tlb: expected no such flag beside a scenario, whose lines say it, found one"],
    ["--ram", [good, "--ram", "1M"], "--ram: expected no such flag beside a scenario, whose lines say it, found one"],
    ["--maps", [good, "--maps", good], "--maps: expected no such flag beside a scenario, whose lines say it, found one"],
    ["--loads", [good, "--loads"], "--loads: expected no such flag beside a scenario, whose lines say it, found one"],
  ])("%s", async (_, words, line) => {
    const out = join(desk.path, "refused");
    const { code, stdout, stderr } = await run(["replay", ...words, "--out", out]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(line);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
  });
});
