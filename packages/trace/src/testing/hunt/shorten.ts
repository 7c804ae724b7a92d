// A scenario that shows a failure made as short and plain as can be.

import type { Statement } from "../../scenario/scenario.ts";
import { printStatement } from "../../scenario/print-scenario.ts";
import { withPlainNames } from "./plain-names.ts";
import { plainer } from "./plainer.ts";

/** Whether a scenario of these statements still shows the failure. */
export type Shows = (statements: readonly Statement[]) => boolean;

/**
 * Takes statements out, one by one and in pairs, and makes what is left plain, until nothing more can be done: a local minimum,
 * in which every statement and every pair of them is needed. Yields before each attempt.
 */
export function* shorten(statements: readonly Statement[], shows: Shows): Generator<undefined, readonly Statement[]> {
  let best = statements;
  for (;;) {
    const before = best;
    best = yield* firstThat(withoutOne, best, shows);
    if (best === before) best = yield* firstThat(plainer, best, shows);
    if (best === before) best = yield* firstThat(withPlainNames, best, shows);
    if (best === before) best = yield* firstThat(withoutTwo, best, shows);
    if (best === before) return best;
  }
}

/** Takes the first candidate that is plainer and shows the failure, and goes on from there, until there is none. */
function* firstThat(
  candidates: (statements: readonly Statement[]) => Iterable<readonly Statement[]>,
  statements: readonly Statement[],
  shows: Shows,
): Generator<undefined, readonly Statement[]> {
  let best = statements;
  search: for (;;) {
    for (const candidate of candidates(best)) {
      if (!isPlainer(candidate, best)) continue;
      yield;
      if (!shows(candidate)) continue;
      best = candidate;
      continue search;
    }
    return best;
  }
}

/** From the end, for what comes last depends on what comes before; neighbours together, for they often belong so. */
function* withoutOne(statements: readonly Statement[]): Generator<readonly Statement[]> {
  for (let at = statements.length - 1; at >= 0; at--) {
    yield statements.toSpliced(at, 1);
    if (at > 0) yield statements.toSpliced(at - 1, 2);
  }
}

function* withoutTwo(statements: readonly Statement[]): Generator<readonly Statement[]> {
  for (let second = statements.length - 1; second > 0; second--)
    for (let first = second - 1; first >= 0; first--) yield statements.toSpliced(second, 1).toSpliced(first, 1);
}

/** Fewer statements, shorter words, smaller numbers: so that what is made plainer and plainer comes to an end. */
function isPlainer(left: readonly Statement[], right: readonly Statement[]): boolean {
  if (left.length !== right.length) return left.length < right.length;
  const [one, other] = [left, right].map((statements) => statements.map(plainText));
  const [a, b] = [one, other].map((texts) => texts.reduce((length, text) => length + text.length, 0));
  if (a !== b) return a < b;
  const at = one.findIndex((text, index) => text !== other[index]);
  return at >= 0 && one[at] < other[at];
}

/** Its words; `rw` counts as none, for it asks nothing. */
function plainText(statement: Statement): string {
  const text = printStatement(statement);
  return statement.verb === "map" || statement.verb === "protect" ? text.replace(" rw ", " ") : text;
}
