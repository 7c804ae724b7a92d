// What the command says of itself, and to wrong words.

import { readFileSync } from "node:fs";
import { strategies } from "@pagelapse/checkpoint";
import { architectures } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { bin, ls, run, shell } from "./command.ts";

const commands = ["replay", "hunt", "info", "events", "debug", "export", "query", "walk"];

test("--version prints the version of the package", async () => {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  for (const flag of ["--version", "-v"])
    expect(await run([flag])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

describe("help", () => {
  test("names every command, the exit codes and an example", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const word of [...commands, "Exit codes:", "$ pagelapse replay"]) expect(stdout).toContain(word);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test.each(commands)("of %s has an example and fits 80 columns", async (command) => {
    const { code, stdout, stderr } = await run([command, "-h"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`$ pagelapse ${command} `);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("is also a command, as newcomers expect", async () => {
    expect(await run(["help"])).toEqual(await run(["--help"]));
    expect(await run(["help", "walk"])).toEqual(await run(["walk", "--help"]));
  });

  test("of replay names every strategy there is", async () => {
    const { stdout } = await run(["replay", "--help"]);
    for (const { name } of strategies) expect(stdout).toContain(`  ${name} `);
  });

  test.each(["replay", "events", "walk"])("of %s names every processor there is", async (command) => {
    const { stdout } = await run([command, "--help"]);
    for (const { name } of architectures)
      expect(stdout.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`processor: .*\\b${name}[, ].*\\(default: x86-64\\)`));
  });
});

/** Words of the command, and the one line that answers them. */
const wrongUsage: readonly (readonly [words: string, line: string])[] = [
  [
    "",
    "expected a command (replay, compare, hunt, info, events, debug, export, query, walk, verify, inspect, merge, restore, diff), found none; pagelapse --help tells more",
  ],
  ["replya", "unknown command 'replya' (did you mean replay?)"],
  ["--jsno", "unknown option '--jsno'"],
  ["replay", "missing required argument 'trace'"],
  ["info a b", "too many arguments for 'info'. Expected 1 argument but got 2."],
  ["replay LS --evry 3", "unknown option '--evry' (did you mean --every?)"],
  ["replay LS --every", "option '--every <stores>' argument missing"],
  ["replay LS --every -1", '--every: expected a whole number of at least 1, such as 100k, found "-1"'],
  ["replay LS --every 0", '--every: expected a whole number of at least 1, such as 100k, found "0"'],
  ["replay LS --every 1e9", '--every: expected a whole number of at least 1, such as 100k, found "1e9"'],
  ["replay LS --every 0x", '--every: expected a whole number of at least 1, such as 100k, found "0x"'],
  ["replay LS --every NaN", '--every: expected a whole number of at least 1, such as 100k, found "NaN"'],
  ["replay LS --every=", '--every: expected a whole number of at least 1, such as 100k, found ""'],
  [
    "replay LS --every 99999999999999999k",
    '--every: expected a whole number of at least 1, such as 100k, found "99999999999999999k"',
  ],
  ["replay LS --every 1k --every 2k", "--every: expected once, found twice"],
  ["replay LS --ram 5G", '--ram: expected 64K to 4G, a multiple of 4K, found "5G"'],
  ["replay LS --ram 65537", '--ram: expected 64K to 4G, a multiple of 4K, found "65537"'],
  [
    "replay LS --tlb 3x4",
    '--tlb: expected sets x ways such as 64x4 (sets a power of two up to 65536, ways 1 to 16), or 0, found "3x4"',
  ],
  [
    "replay LS --tlb 64",
    '--tlb: expected sets x ways such as 64x4 (sets a power of two up to 65536, ways 1 to 16), or 0, found "64"',
  ],
  ["replay LS --arch x86_64", `--arch: expected ${namesOf(architectures)}, found "x86_64" (did you mean x86-64?)`],
  [
    "replay LS --strategy dirty-bits",
    `--strategy: expected ${namesOf(strategies)}, found "dirty-bits" (did you mean dirty-bit?)`,
  ],
  ["replay LS --strategy a,,b", '--strategy: expected names between commas, each once, found "a,,b"'],
  [
    "replay LS --strategy dirty-bit,dirty-bit",
    '--strategy: expected names between commas, each once, found "dirty-bit,dirty-bit"',
  ],
  ["replay LS --out=", '--out: expected a value, found ""'],
  ["walk --root 0 0", "required option '--memory <dump>' not specified"],
  ["walk --memory LS 0", "required option '--root <address>' not specified"],
  ["walk --memory LS --root 0 0 --arch riscv", `--arch: expected ${namesOf(architectures)}, found "riscv"`],
  ["events LS --from -1", '--from: expected a whole number of at least 0, such as 99k, found "-1"'],
  ["events LS --kind stoer", '--kind: expected a kind of event, found "stoer" (did you mean store?)'],
];

test.each(wrongUsage)("%j is refused in one line", async (words, line) => {
  const result = await run(words === "" ? [] : words.split(" ").map((word) => (word === "LS" ? ls : word)));
  expect(result).toEqual({ code: 2, stdout: "", stderr: `pagelapse: ${line}\n` });
});

test.each<[words: readonly string[], line: string]>([
  [["\u001b[31mreplay\n"], "unknown command '\\e[31mreplay\\n'"],
  [["replay", "--\u001b[2J\nevery"], "unknown option '--\\e[2J\\nevery'"],
  [["replay", "LS", "--every\n"], "unknown option '--every\\n' (did you mean --every?)"],
])("%j is refused in one line that no terminal obeys", async (words, line) => {
  expect(await run(words)).toEqual({ code: 2, stdout: "", stderr: `pagelapse: ${line}\n` });
});

test("a long value with control characters is cut and shown harmless", async () => {
  const { code, stderr } = await run(["replay", ls, "--every", `\u001b[31m${"9".repeat(100_000)}`]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/found "\\e\[31m9{10,60}\.\.\."\n$/);
});

function namesOf(known: readonly { readonly name: string }[]): string {
  return known.map(({ name }) => name).join(", ");
}

/** Files of the command that a run loads; the packages of the machine are one of them, machine.js. */
async function loadedBy(...words: readonly string[]): Promise<readonly string[]> {
  const spy = new URL("loaded-modules.mjs", import.meta.url).href;
  const { stderr } = await shell(`${process.execPath} --import ${spy} ${bin} ${words.join(" ")} > /dev/null`);
  return [...stderr.matchAll(/^loaded file:(.*)$/gm)].map((match) => match[1].replace(/.*\/tools\/cli\/dist\//, ""));
}

/** The commands whose own files are among these. */
function roomsOf(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => ["replay.js", "info.js", "events.js", "walk.js"].includes(path));
}

describe("start-up", () => {
  test("--version loads the command's first file and the one that knows", async () => {
    expect(await loadedBy("--version")).toEqual(["bin.js", "version.js"]);
  });

  test("help and usage errors load nothing of the machine", async () => {
    for (const words of [["--help"], ["replay", "--help"], ["replay"], ["replay", ls, "--every", "0"]]) {
      const paths = await loadedBy(...words);
      expect(paths).toContain("main.js");
      expect([paths.includes("machine.js"), roomsOf(paths)]).toEqual([false, []]);
    }
  });

  test("a command loads no room of another, and nothing from outside the bundle", async () => {
    const paths = await loadedBy("info", ls);
    expect([paths.includes("machine.js"), roomsOf(paths)]).toEqual([true, ["info.js"]]);
    expect(paths.filter((path) => path.includes("/"))).toEqual([]);
    expect(roomsOf(await loadedBy("events", ls, "--count", "1"))).toEqual(["events.js"]);
  });
});
