// `pagelapse hunt`: random histories until a strategy loses a byte, and the scenario that is left of the one that shows it.

import { setImmediate } from "node:timers/promises";
import type { Strategy } from "@pagelapse/checkpoint";
import { architectureNamed, architectures } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { printScenario } from "@pagelapse/trace";
import { InconstantStrategy, hunt } from "@pagelapse/trace/testing";
import type { Counterexample, Held, HuntOptions } from "@pagelapse/trace/testing";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { nearest } from "../nearest.ts";
import { toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { refusal, unknownWord } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { chooseStrategy } from "../strategy-choice.ts";
import { formatHunt } from "./hunt-report.ts";
import { refuseTaken, saveScenario } from "./scenario-file.ts";

/** The command's flags. */
export interface HuntFlags {
  readonly strategy: string;
  readonly runs: number;
  readonly seed: number;
  readonly arch: string;
  readonly out?: string;
  readonly json?: true;
}

/** Hunts, prints what came of it, saves the scenario of a counterexample, and says in its exit code whether there is one. */
export async function huntStrategy(flags: HuntFlags): Promise<ExitCode> {
  const architecture = chooseArchitecture(flags.arch);
  const strategy = await chooseStrategy(flags.strategy, "--strategy");
  const out = flags.out ?? `${strategy.name}-${flags.seed}.scenario`;
  refuseTaken(out);
  const result = await huntFor(strategy, { runs: flags.runs, seed: flags.seed, architecture }).catch((reason: unknown) => {
    if (!(reason instanceof InconstantStrategy)) throw reason;
    throw refusal(flags.strategy, "a strategy that does the same each time", "one that failed a history once, and not again");
  });
  const code = result.kind === "holds" ? exitCodes.done : exitCodes.disproved;
  if (result.kind === "counterexample") saveScenario(out, printScenario(result.scenario));
  process.exitCode = code;
  const told = { strategy: flags.strategy, out, result };
  await print(flags.json === true ? `${toJsonText(jsonOf(strategy, out, result))}\n` : formatHunt(told));
  return code;
}

/** Step by step, so that Ctrl-C is heard. */
async function huntFor(strategy: Strategy, options: HuntOptions & { readonly runs: number }): Promise<Held | Counterexample> {
  const progress = startProgress();
  const steps = hunt(strategy, options);
  try {
    for (;;) {
      const next = steps.next();
      if (next.done === true) return next.value;
      const { doing, count } = next.value;
      const isPlaying = doing === "playing";
      progress.show(isPlaying ? count / options.runs : undefined, count, isPlaying ? "histories" : `attempts at ${doing} it`);
      await setImmediate();
    }
  } finally {
    progress.clear();
  }
}

function chooseArchitecture(name: string): Architecture {
  const found = architectureNamed(name);
  if (found !== undefined) return found;
  const names = architectures.map((architecture) => architecture.name);
  throw unknownWord("--arch", name, names, nearest(name, names));
}

/** What `--json` prints. */
function jsonOf(strategy: Strategy, out: string, result: Held | Counterexample): object {
  const { runs, seed } = result;
  if (result.kind === "holds") {
    const { steps, checkpoints, failedCheckpoints, pagesSaved, met } = result;
    const totals = { steps, checkpoints, failedCheckpoints, pagesSaved, met: Object.fromEntries(met) };
    return { strategy: strategy.name, runs, seed, found: false, ...totals };
  }
  const { lost, explanation, scenario } = result;
  return { strategy: strategy.name, runs, seed, found: true, lost, explanation, scenario: printScenario(scenario), out };
}
