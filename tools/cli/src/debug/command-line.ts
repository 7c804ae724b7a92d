// A line of the session: the command it names, which may be abbreviated, and what stands behind it.

import type { Answer } from "./answer.ts";
import { nearest } from "../nearest.ts";
import { quote } from "../printable.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "./session.ts";

/** What a command is given. */
export interface Input {
  /** The letters behind a slash: of `x/4xw` these are `4xw`. Empty: none. */
  readonly format: string;
  /** The rest of the line, without spaces around it. */
  readonly rest: string;
}

/** A command of the session. Parsing, help and completion all come from here. */
export interface DebugCommand {
  /** Words between spaces; the first is its name, the others mean the same. */
  readonly names: readonly [string, ...string[]];
  /** What stands behind the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** More lines of help, each shorter than 80 characters. */
  readonly details: readonly string[];
  /** What a word behind its name may be. */
  readonly completions: (session: Session) => Promise<readonly string[]>;
  readonly run: (session: Session, input: Input) => Promise<Answer>;
}

/** For commands behind which nothing can be completed. */
export async function nothingToComplete(): Promise<readonly string[]> {
  return [];
}

/** Commands about one thing, and what that is. */
export interface CommandFamily {
  readonly title: string;
  readonly commands: readonly DebugCommand[];
}

/** The command that a line names, and its input. A name may be cut where no other begins so. Throws a `Refusal` for others. */
export function parseLine(
  commands: readonly DebugCommand[],
  line: string,
): { readonly command: DebugCommand; readonly input: Input } {
  const [, start, format, end] = /^\s*([^\s/]+)\/(\S*)(.*)$/.exec(line) ?? [line, line, "", ""];
  const words = start.trim().split(/\s+/);
  const named = descend(namesOf(commands), words, 0);
  const meant = new Set(named.map(({ command }) => command));
  if (meant.size > 1) throw ambiguous(words, named);
  if (meant.size === 0) throw unknown(commands, words);
  const { command, name } = named[0];
  return { command, input: { format, rest: `${behind(start, name.length)}${end}`.trim() } };
}

interface Named {
  readonly command: DebugCommand;
  readonly name: readonly string[];
}

function namesOf(commands: readonly DebugCommand[]): readonly Named[] {
  return commands.flatMap((command) => command.names.map((name) => ({ command, name: name.split(" ") })));
}

/** Word by word: what has this word, else what begins with it; and where nothing does, the names that end before it. */
function descend(named: readonly Named[], words: readonly string[], depth: number): readonly Named[] {
  const word = words.at(depth);
  const longer = named.filter(({ name }) => name.length > depth);
  const whole = longer.filter(({ name }) => name[depth] === word);
  const next = whole.length > 0 ? whole : longer.filter(({ name }) => word !== undefined && name[depth].startsWith(word));
  if (next.length === 0) return named.filter(({ name }) => name.length === depth);
  return descend(next, words, depth + 1);
}

function ambiguous(words: readonly string[], named: readonly Named[]): Refusal {
  const names = [...new Set(named.map(({ name }) => name.join(" ")))];
  return new Refusal(`${quote(words.slice(0, named[0].name.length).join(" "))} may be ${names.join(", ")}`);
}

function unknown(commands: readonly DebugCommand[], words: readonly string[]): Refusal {
  const firsts = [...new Set(commands.flatMap(({ names }) => names.map((name) => name.split(" ")[0])))];
  const near = nearest(words[0], firsts);
  const guess = near === undefined ? "help lists the commands" : `did you mean ${near}?`;
  return new Refusal(`there is no command ${quote(words.slice(0, 2).join(" "))}: ${guess}`);
}

/** What stands behind so many words. */
function behind(text: string, wordCount: number): string {
  let rest = text.trimStart();
  for (let word = 0; word < wordCount; word++) rest = rest.replace(/^\S+\s*/, "");
  return rest;
}

/** Throws a `Refusal` where something stands behind a command that takes nothing. */
export function refuseRest({ rest, format }: Input): void {
  if (rest !== "") throw new Refusal(`expected nothing more, found ${quote(rest)}`);
  if (format !== "") throw new Refusal(`expected no format, found ${quote(`/${format}`)}`);
}

/** A count of at least 1, or 1 where none is given. */
export function parseTimes({ rest }: Input): number {
  if (rest === "") return 1;
  const times = /^\d{1,15}$/.test(rest) ? Number(rest) : 0;
  if (times < 1) throw new Refusal(`expected a count of at least 1, found ${quote(rest)}`);
  return times;
}
