// A replay told to a person: one table, one sentence for each finding, and what to try next. It fits 80 columns.

import { paint } from "../colour.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatCount, formatNumberOf, formatSeconds } from "../quantity.ts";
import { findings } from "./findings.ts";
import { claimsHeld } from "./result.ts";
import type { ReplayResult } from "./result.ts";
import { strategyTable } from "./strategy-table.ts";

/** The whole text, with the newline at its end. `command` is what this command is called with. */
export function formatReport(result: ReplayResult, command: string): string {
  const { stdout } = process;
  const [...rows] = strategyTable(result.strategies);
  const headings = rows.splice(0, rows.length - result.strategies.length);
  const sentences = findings(result).map((sentence) => fold(printable(sentence), 80, "  ").join("\n"));
  const verdict = paint(stdout, claimsHeld(result) ? "green" : "red", sentences.pop() ?? "");
  const summary = `${printable(result.trace)}: ${formatNumberOf(result.stores, "store")}, ${formatNumberOf(result.kernelWrites, "kernel write")} in ${formatSeconds(result.seconds)}; a checkpoint every ${formatCount(result.every)} stores.`;
  return [
    ...fold(summary, 80, ""),
    "",
    ...headings.map((line) => paint(stdout, "bold", line)),
    ...rows,
    "",
    ...sentences,
    verdict,
    "",
    `Checkpoint files: ${printable(result.folder)}`,
    "Try next:",
    `  ${nextCommand(result, command)}`,
    "",
  ].join("\n");
}

/** What teaches most after this run. */
function nextCommand(result: ReplayResult, command: string): string {
  const trace = result.trace === "-" ? "TRACE" : quoteForShell(result.trace);
  const taken = result.strategies.some(({ checkpoints, failures }) => checkpoints + failures.count > 0);
  if (!taken && result.stores > 0) return `${command} replay ${trace} --every ${Math.ceil(result.stores / 10)}`;
  return `${command} events ${trace} --count 20`;
}

/** A word as sh takes it. */
function quoteForShell(word: string): string {
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", `'\\''`)}'`;
}
