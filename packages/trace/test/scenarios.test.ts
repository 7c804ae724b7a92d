import { readFileSync, readdirSync } from "node:fs";
import { strategies } from "@pagelapse/checkpoint";
import { i386, sv39, x86_64 } from "@pagelapse/mmu";
import { explanationOf, parseScenario, printScenario } from "@pagelapse/trace";
import { describe, expect, test } from "vitest";
import { foundOf, judged, play } from "./play.ts";

const folder = new URL("../scenarios/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".scenario"));

/** A shipped scenario, by the beginning of its name, with lines of it replaced. */
function shipped(name: string, ...changes: readonly (readonly [line: string | RegExp, by: string])[]): string {
  const file = files.find((each) => each.startsWith(name));
  if (file === undefined) throw new Error(`no scenario ${name}`);
  return changes.reduce(
    (text, [line, by]) => {
      if (!(typeof line === "string" ? text.includes(line) : line.test(text))) throw new Error(`${name} has no ${line}`);
      return text.replace(line, by);
    },
    readFileSync(new URL(file, folder), "utf8"),
  );
}

const gallery = readFileSync(new URL("README.md", folder), "utf8").split("\n");

describe.each(files)("%s", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");

  test("is canonical text, says what it shows, and expects something of each strategy of its table", () => {
    const scenario = parseScenario(text);
    expect(printScenario(scenario)).toBe(text);
    const number = /^f(\d+)/.exec(file)?.[1];
    expect(explanationOf(scenario)).toMatch(number === undefined ? /^\S.{40}/ : new RegExp(`^F${Number(number)}[: ]`));
    for (const strategy of judged) expect(text).toContain(`\nexpect ${strategy} `);
  });

  test("comes out as it says, for every strategy that it speaks of or that claims to be correct", () => {
    const outcomes = play(
      text,
      strategies.map(({ name }) => name),
    );
    expect(outcomes.filter(({ verdict }) => verdict === "not met")).toEqual([]);
    const spoken = outcomes.filter(({ verdict }) => verdict === "met").map(({ strategy }) => strategy);
    expect(judged.filter((name) => !spoken.includes(name))).toEqual([]);
  });

  test("stands in the gallery, with what comes of it", () => {
    const row =
      gallery
        .find((line) => line.includes(`(${file})`))
        ?.split("|")
        .map((cell) => cell.trim()) ?? [];
    const words = play(text).map(({ found }) => (found[0] === "holds" ? "=" : found[0].split(" ")[0]));
    expect(row.slice(3, 6)).toEqual(words);
  });
});

/** Those that need no bit that only Linux on x86-64 has. */
const anywhere = [
  "f02-dirty-bit-without",
  "f02-dirty-bit-evicted",
  "f03",
  "f04",
  "f05",
  "f13",
  "f14",
  "f18",
  "f19",
  "f20",
  "f22",
  "f23",
  "f27",
  "f30",
  "f32",
  "f34",
  "f36",
  "f37",
  "f39",
  "f40",
  "report-saves",
  "f28",
  "f29",
  "f41",
  "f42",
];

describe.each([i386, sv39])("on $name", (architecture) => {
  test.each(anywhere)("%s comes out the same", (name) => {
    for (const outcome of play(shipped(name), judged, { architecture })) expect(outcome).toMatchObject({ verdict: "met" });
  });
});

test("a scenario comes out the same each time", () => {
  for (const name of ["f03", "f13", "f18"]) expect(play(shipped(name))).toEqual(play(shipped(name)));
});

/** Without its cause each failure goes; a finding that stays whatever one does would say nothing. */
describe("without the cause, no failure", () => {
  test.each<readonly [name: string, strategy: string, cause: string, text: string, then: string]>([
    [
      "F2",
      "dirty-bit",
      "no flush before the copy",
      shipped("f02-dirty-bit-without", ["copy K0  # without", "flush space\ncopy K0  # not without"]),
      "holds",
    ],
    ["F2", "dirty-bit", "a TLB", shipped("f02-dirty-bit-without", ["tlb 64x4", "tlb 0x1"]), "holds"],
    [
      "F2 evicted",
      "dirty-bit",
      "the eviction, which saves it",
      shipped("f02-dirty-bit-evicted", ["tlb 1x1", "tlb 1x2"]),
      "loses A.0 at K1",
    ],
    [
      "F2 evicted",
      "dirty-bit",
      "the eviction, which saves it",
      shipped("f02-dirty-bit-evicted", ["r B.0", "r A.0"]),
      "loses A.0 at K1",
    ],
    ["F3", "dirty-bit", "U's flush left out", shipped("f03", ["copy L1", "flush space\ncopy L1"]), "holds"],
    [
      "F6",
      "report-basic",
      "the large page",
      shipped("f06", ["collapse A.0\nassert A.3 large\n", ""], ["assert A.63 write-protected\n", ""]),
      "holds",
    ],
    ["F7", "report-incremental", "the old page's byte", shipped("f07", ["w A.0 7", "w A.0 0"]), "holds"],
    ["F8", "report-incremental", "the old page's byte", shipped("f08", ["w B.0 7", "w B.0 0"]), "holds"],
    [
      "F10",
      "report-incremental",
      "the place left empty",
      shipped("f10", ["assert A.0 not mapped", "map A 2 rw anon\nw A.0 0\nw A.1 0"]),
      "holds",
    ],
    ["F13", "report-incremental", "the slot kept", shipped("f13", ["kernel 2.6", "kernel 6.18"]), "holds"],
    ["F13", "report-incremental", "the checkpoint between", shipped("f13", ["checkpoint K0\n", ""]), "holds"],
    ["F14", "report-basic", "swap", shipped("f14", ["swapout A.0\n", ""]), "holds"],
    ["F14", "report-incremental", "swap", shipped("f14", ["swapout A.0\n", ""]), "holds"],
    [
      "F15",
      "report-basic",
      "the mark of A.1",
      shipped("f15", ["wp A.1 on\n", ""], ["assert A.1 write-protected\n", ""]),
      "loses A.0 at K0, loses A.1 at K0",
    ],
    ["F15", "report-basic", "the lack of a mark on A.0", shipped("f15", ["wp A.1 on", "wp A on"]), "holds"],
    [
      "F18",
      "report-incremental",
      "the pages given back",
      shipped("f18", ["1: dontneed A\n", ""], ["assert A.0 == 0\n", ""]),
      "holds",
    ],
    ["F19", "report-incremental", "the checkpoint between", shipped("f19", ["checkpoint K0\n", ""]), "holds"],
    ["F20", "report-incremental", "the page dropped", shipped("f20", [/swapout A.0.*\nassert A.0 == 0\n/, ""]), "holds"],
    ["F22", "report-incremental", "the old process's byte", shipped("f22", ["w A.1 2\n", ""]), "holds"],
    ["F22", "report-incremental", "the pid", shipped("f22", [/fork 7\nswitch 7\nw A.0 3/, "fork 8\nswitch 8\nw A.0 3"]), "holds"],
    [
      "F27",
      "dirty-bit",
      "stores after the clear",
      shipped("f27", [/w A.0 3.*\n/, ""], [/w A.0 4.*\n/, ""]),
      "holds, saves 0 at K2",
    ],
    ["F30", "report-basic", "the lack of an entry", shipped("f30", ["assert A.0 not present", "r A.0"]), "holds"],
    ["F32", "report-basic", "the longer file before", shipped("f32", [/w A.1 1\nw A.2 1\n/, ""]), "holds"],
    ["F32", "report-incremental", "the pid", shipped("f32", [/fork 7\nswitch 7\nunmap/, "fork 8\nswitch 8\nunmap"]), "holds"],
    ["F34", "clear-before-commit", "the full disk", shipped("f34", ["fault 4.. ENOSPC", "fault none"]), "holds"],
    ["F34", "report-basic", "the full disk", shipped("f34", ["fault 4.. ENOSPC", "fault none"]), "holds"],
    ["F37", "report-basic", "the short write", shipped("f37", ["short 100", "short 4096"]), "holds"],
    ["F39", "report-basic", "the page given back", shipped("f39", ["dontneed A\nassert A.0 not present\n", ""]), "holds"],
    ["F40", "report-incremental", "the other's byte", shipped("f40", ["w B.0 2\n", ""]), "holds"],
    ["F41", "dirty-bit", "the second tracker", shipped("f41", ["checkpoint L1 by U\n", ""]), "holds"],
  ])("%s, %s: %s", (_, strategy, __, text, then) => {
    expect(foundOf(text, strategy)).toBe(then);
  });
});

/** What a line claims is false when its cause is gone: the failure is seen, not assumed. */
describe("without the cause, an assertion fails", () => {
  test.each<readonly [name: string, cause: string, text: string, claim: string]>([
    ["F1", "the flush left out", shipped("f01", ["clear-refs noflush", "clear-refs"]), "A.0 not soft-dirty"],
    ["F1", "the second processor's TLB", shipped("f01", ["processors 2", "processors 2 tlb 0x1"]), "A.0 not soft-dirty"],
    ["F4", "the flush put off", shipped("f04", ["swapout A.0 noflush", "swapout A.0"]), "1: w A.0 2 to succeed"],
    ["F5", "the flush put off", shipped("f05", ["unmap A noflush", "unmap A"]), "1: w A.0 2 to succeed"],
    ["F5", "write-back before the store", shipped("f05", ["unmap A noflush\nwriteback f", "unmap A noflush"]), "f@0 == 1"],
    ["F12", "the swap", shipped("f12", [/swapout A.0\nassert A.0 swapped\nassert A.0 soft-dirty\n/, ""]), "A.0 not dirty"],
    ["F24", "the kernel that copies", shipped("f24", ["kernel 5.10", "kernel 6.18"]), "A.0 == 1"],
    ["F24", "the tracker", shipped("f24", ["clear-refs\n", ""]), "A.0 == 1"],
    ["F25", "the kernel that forgets pins", shipped("f25", ["kernel 5.10", "kernel 6.18"]), "A.0 not soft-dirty"],
    ["F42", "the store before the log", shipped("f42", ["w A.0 1\nlog 8", "log 8\nw A.0 1"]), "A.0 not logged"],
  ])("%s: %s", (_, __, text, claim) => {
    expect(() => play(text, [])).toThrow(`expected ${claim}, found`);
  });
});

test("F2 comes and goes with the TLB", () => {
  const text = shipped("f02-dirty-bit-evicted");
  const found = [0, 1, 2, 4].flatMap((sets) =>
    [1, 2].map((ways) => [sets, ways, foundOf(text, "dirty-bit", { architecture: x86_64, tlb: { sets, ways } })]),
  );
  const lost = "loses A.0 at K1";
  expect(found).toEqual([
    [0, 1, "holds"],
    [0, 2, "holds"],
    [1, 1, "holds"],
    [1, 2, lost],
    [2, 1, "holds"],
    [2, 2, lost],
    [4, 1, "holds"],
    [4, 2, lost],
  ]);
});
