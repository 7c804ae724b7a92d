// Scenarios read from their text.

import { BadScenario } from "./bad-scenario.ts";
import { grammar, isCommand, verbs } from "./grammar.ts";
import type { Line, Scenario, Statement } from "./scenario.ts";
import { Cursor } from "./word.ts";
import type { Token, Word } from "./word.ts";

/** Reads a scenario. Throws `BadScenario` at the first word that cannot stand where it stands. */
export function parseScenario(text: string): Scenario {
  const source = text.split(/\r?\n/);
  if (source.at(-1) === "") source.pop();
  const lines: Line[] = [];
  source.forEach((each, index) => {
    const parsed = parseLine(each, index + 1);
    if (parsed.statement?.verb === "machine" && lines.some(({ statement }) => statement !== undefined))
      throw new BadScenario(parsed.statement.place, "the machine before all else", '"machine" further down');
    lines.push(parsed);
  });
  return { lines };
}

function parseLine(text: string, line: number): Line {
  const [, code, , comment] = /^([^#]*)(#(.*))?$/s.exec(text) ?? [];
  const cursor = new Cursor(tokensOf(code, line), { line, column: (code ?? "").trimEnd().length + 1 });
  const statement = cursor.ahead === undefined ? undefined : parseStatement(cursor);
  return { statement, comment: comment?.trimEnd() };
}

function tokensOf(code: string, line: number): readonly Token[] {
  return [...code.matchAll(/[^ \t]+/g)].map((found) => ({ text: found[0], place: { line, column: found.index + 1 } }));
}

function parseStatement(cursor: Cursor): Statement {
  const { place } = cursor;
  const processor = parseProcessor(cursor);
  const verb = verbs.find((known) => known === cursor.ahead);
  if (verb === undefined) throw cursor.refuse(`a command (${verbs.join(", ")})`);
  if (processor !== undefined && !isCommand(verb) && verb !== "assert")
    throw new BadScenario(place, `no processor before ${verb}`, `"${processor}:"`);
  cursor.skip(verb);
  const fields = Object.entries<Word<unknown>>(grammar[verb]).map(([name, word]) => [name, word.read(cursor)] as const);
  const flush = isCommand(verb) && cursor.skip("noflush") ? "omitted" : "told";
  const failure = isCommand(verb) && cursor.skip("fails") ? parseFailure(cursor) : undefined;
  if (cursor.ahead !== undefined) throw cursor.refuse("the end of the line");
  return { verb, ...Object.fromEntries(fields), place, processor, flush, failure } as unknown as Statement;
}

/** `1:`; the first processor need not be said. */
function parseProcessor(cursor: Cursor): number | undefined {
  if (!/^\d+:/.test(cursor.ahead ?? "")) return undefined;
  const { parts } = cursor.match("a processor, as 1:, and a blank", /^(\d{1,2}):$/);
  return Number(parts[0]);
}

function parseFailure(cursor: Cursor): string {
  return cursor.match("an errno or SIGSEGV", /^(SIGSEGV|E[A-Z0-9]+)$/).parts[0] ?? "";
}

/** The comment lines that a scenario begins with: what it shows. */
export function explanationOf(scenario: Scenario): string {
  const end = scenario.lines.findIndex(({ statement, comment }) => statement !== undefined || comment === undefined);
  const block = end === -1 ? scenario.lines : scenario.lines.slice(0, end);
  return block.map(({ comment = "" }) => comment.trim()).join("\n");
}
