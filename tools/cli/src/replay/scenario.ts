// `pagelapse replay X.scenario`: a history written by hand, and what came of each strategy beside what it expects.

import type { Strategy } from "@pagelapse/checkpoint";
import { BadScenario, explanationOf, parseScenario, runScenario } from "@pagelapse/trace";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { printable, toJsonText } from "../printable.ts";
import { formatCount } from "../quantity.ts";
import { Refusal, refusal } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { openTraceInput } from "../trace-input.ts";
import { makeOutputFolder } from "./output-folder.ts";
import type { ReplayFlags } from "./replay.ts";
import { formatScenarioReport } from "./scenario-report.ts";

/** Scenarios are known by their names. */
export function isScenario(path: string): boolean {
  return path.endsWith(".scenario");
}

/**
 * Plays a scenario with these strategies, prints what was expected and what came, and says in its exit code whether they
 * agree.
 */
export async function replayScenario(path: string, flags: ReplayFlags, strategies: readonly Strategy[]): Promise<ExitCode> {
  refuseFlags(flags);
  const text = await readText(path);
  const scenario = telling(path, () => parseScenario(text));
  const folder = makeOutputFolder(flags.out, strategies);
  const outcomes = telling(path, () =>
    runScenario(scenario, {
      strategies,
      machine: (strategy) => (strategy === undefined ? {} : { store: new DiskFileSystem(folder.room(strategy.name)) }),
    }),
  );
  folder.keep();
  const result = { scenario: path, explanation: explanationOf(scenario), outcomes, folder: folder.path };
  const held = outcomes.every(({ verdict }) => verdict !== "not met");
  const code = held ? exitCodes.done : exitCodes.disproved;
  process.exitCode = code;
  const { explanation } = result;
  const json = { scenario: path, explanation, strategies: outcomes, out: folder.path, held };
  await print(flags.json === true ? `${toJsonText(json)}\n` : formatScenarioReport(result));
  return code;
}

/** Flags that mean something only beside a trace; a scenario says itself what machine it has and when checkpoints are taken. */
function refuseFlags({ every, arch, tlb, ram, maps, loads }: ReplayFlags): void {
  const given = [
    ["--every", every !== 100_000],
    ["--arch", arch !== "x86-64"],
    ["--tlb", tlb.sets !== 64 || tlb.ways !== 4],
    ["--ram", ram !== 2 ** 18],
    ["--maps", maps !== undefined],
    ["--loads", loads !== undefined],
  ] as const;
  for (const [flag, isGiven] of given)
    if (isGiven) throw new Refusal(`${flag}: expected no such flag beside a scenario, whose lines say it, found one`);
}

/** Scenarios are written by hand; a file that is longer is none. */
const lengthLimit = 2 ** 20;

async function readText(path: string): Promise<string> {
  const input = await openTraceInput(path);
  try {
    const blocks: Buffer[] = [];
    let byteCount = 0;
    for await (const block of input.chunks) {
      byteCount += block.length;
      if (byteCount > lengthLimit)
        throw refusal(input.name, `a scenario of at most ${formatCount(lengthLimit)} bytes`, "a longer file", lengthLimit);
      blocks.push(Buffer.from(block));
    }
    return decode(input.name, Buffer.concat(blocks));
  } finally {
    await input.close();
  }
}

function decode(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusal(name, "text in UTF-8", "other bytes");
  }
}

/** What `act` returns. What is wrong with the scenario is a `Refusal`. */
function telling<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    if (!(reason instanceof BadScenario)) throw reason;
    const { line, column, expected, found } = reason;
    throw new Refusal(
      `${printable(path)}: line ${line}, column ${column}: expected ${printable(expected)}, found ${printable(found)}`,
    );
  }
}
