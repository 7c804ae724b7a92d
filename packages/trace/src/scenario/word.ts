// The words of a scenario's lines, and how one of them, or a few, become a value and are written again.

import { BadScenario } from "./bad-scenario.ts";
import type { TextPlace } from "./bad-scenario.ts";

/** A word as it stands in a line. */
export interface Token {
  readonly text: string;
  readonly place: TextPlace;
}

/** Takes the words of a line one after another. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #end: TextPlace;
  #next = 0;

  constructor(tokens: readonly Token[], end: TextPlace) {
    this.#tokens = tokens;
    this.#end = end;
  }

  /** The next word's text; `undefined` at the end of the line. */
  get ahead(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  /** The text of all words to come, single blanks between them. */
  restOfLine(): string {
    return this.#tokens
      .slice(this.#next)
      .map(({ text }) => text)
      .join(" ");
  }

  /** Where the next word stands, or the line ends. */
  get place(): TextPlace {
    return this.#tokens[this.#next]?.place ?? this.#end;
  }

  /** The next word. Throws `BadScenario` at the end of the line. */
  take(expected: string): Token {
    if (this.ahead === undefined) throw this.refuse(expected);
    return this.#tokens[this.#next++];
  }

  /** The next word's parts. Throws `BadScenario` unless the pattern matches. */
  match(expected: string, pattern: RegExp): { readonly place: TextPlace; readonly parts: readonly (string | undefined)[] } {
    const found = pattern.exec(this.ahead ?? "");
    if (found === null) throw this.refuse(expected);
    return { place: this.take(expected).place, parts: found.slice(1) };
  }

  /** Takes the next word if it is this one. */
  skip(word: string): boolean {
    if (this.ahead !== word) return false;
    this.#next++;
    return true;
  }

  /** The error that something else was expected in place of the next word. */
  refuse(expected: string): BadScenario {
    return new BadScenario(this.place, expected, this.ahead === undefined ? "the end of the line" : JSON.stringify(this.ahead));
  }
}

/** How a value stands in a line. */
export interface Word<Value> {
  /** Takes the value's words. Throws `BadScenario` where they are others. */
  read(cursor: Cursor): Value;
  /** Its words, with single blanks between them; none, where the value says nothing. */
  write(value: Value): string;
}

/** An integer in decimal digits, from `least` to `most`. `what` names it for errors. */
export function integer(what: string, least: number, most: number): Word<number> {
  const expected = `${what} (${least} to ${most})`;
  return {
    read(cursor) {
      const value = /^\d{1,16}$/.test(cursor.ahead ?? "") ? Number(cursor.ahead) : NaN;
      if (!(value >= least && value <= most)) throw cursor.refuse(expected);
      cursor.take(expected);
      return value;
    },
    write: String,
  };
}

/** One of a few words. */
export function oneOf<Choice extends string>(...choices: readonly Choice[]): Word<Choice> {
  const expected = choices.join(", ");
  return {
    read(cursor) {
      const chosen = choices.find((choice) => choice === cursor.ahead);
      if (chosen === undefined) throw cursor.refuse(expected);
      cursor.take(expected);
      return chosen;
    },
    write: (value) => value,
  };
}

/** A value behind a word of its own: `to B`. */
export function after<Value>(preposition: string, word: Word<Value>): Word<Value> {
  return {
    read(cursor) {
      if (!cursor.skip(preposition)) throw cursor.refuse(preposition);
      return word.read(cursor);
    },
    write: (value) => `${preposition} ${word.write(value)}`,
  };
}

/** The same, where it may be left out. */
export function perhaps<Value>(preposition: string, word: Word<Value>): Word<Value | undefined> {
  return {
    read: (cursor) => (cursor.skip(preposition) ? word.read(cursor) : undefined),
    write: (value) => (value === undefined ? "" : `${preposition} ${word.write(value)}`),
  };
}
