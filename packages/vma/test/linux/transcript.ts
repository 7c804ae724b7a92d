// Transcripts: calls and what the kernel answered, as text.

import type { Line } from "../notation.ts";
import type { Answer } from "./seen.ts";

/** A history with its answers, one a call. */
export interface Transcript {
  readonly lines: readonly Line[];
  readonly answers: readonly Answer[];
}

/**
 * A line a call, an empty line after each history:
 * ```
 * mmap 114 4 r--p anon fixed -> 114 | 114-118 r--p
 * mprotect 113 2 rw- -> ENOMEM
 * ```
 * The areas stand behind a bar where they are others than before, `nothing` for none.
 */
export function formatTranscript(transcripts: readonly Transcript[]): string {
  return transcripts
    .map(({ lines, answers }) => `${lines.map((line, step) => format(line, answers, step)).join("\n")}\n\n`)
    .join("");
}

export function parseTranscript(text: string): readonly Transcript[] {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n\n")
    .filter((history) => history !== "")
    .map((history) => {
      let areas = "";
      const steps = history.split("\n").map((line) => {
        const [call, answer] = line.split(" -> ");
        const [result, after] = answer.split(" | ");
        if (after !== undefined) areas = after === "nothing" ? "" : after;
        return { line: call, answer: { result, areas } };
      });
      return { lines: steps.map(({ line }) => line), answers: steps.map(({ answer }) => answer) };
    });
}

function format(line: Line, answers: readonly Answer[], step: number): string {
  const { result, areas } = answers[step];
  const before = step === 0 ? "" : answers[step - 1].areas;
  return `${line} -> ${result}${areas === before ? "" : ` | ${areas === "" ? "nothing" : areas}`}`;
}
