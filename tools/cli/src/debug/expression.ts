// Expressions: numbers and names with + - * and parentheses, and for conditions also comparisons, &&, || and !.

import { quote } from "../printable.ts";
import { Refusal } from "../refusal.ts";

/** Whole numbers; those that a double does not hold are `bigint`. Comparisons give 1 and 0. */
export type Value = number | bigint;

/** An expression, to be worked out for a subject: what its names are taken from. */
export type Term<Subject> = (subject: Subject) => Value;

/** The name that stands at the beginning of a text, and how long it is; `undefined`: none. */
export type NameReader<Subject> = (text: string) => { readonly length: number; readonly term: Term<Subject> } | undefined;

/*
 *     or         = and { "||" and }
 *     and        = comparison { "&&" comparison }
 *     comparison = sum [ ("==" | "!=" | "<=" | ">=" | "<" | ">") sum ]
 *     sum        = product { ("+" | "-") product }
 *     product    = atom { "*" atom }
 *     atom       = number | name | "(" or ")" | ("-" | "!") atom
 */

/** Reads a whole text. Throws a `Refusal` that says where it goes wrong. */
export function parseExpression<Subject>(text: string, readName: NameReader<Subject>): Term<Subject> {
  const parser = new Parser(text, readName);
  return parser.whole();
}

class Parser<Subject> {
  readonly #text: string;
  readonly #readName: NameReader<Subject>;
  #at = 0;

  constructor(text: string, readName: NameReader<Subject>) {
    this.#text = text;
    this.#readName = readName;
  }

  whole(): Term<Subject> {
    const term = this.#chain(0);
    if (this.#rest() !== "") throw this.#refuse("an operator or the end");
    return term;
  }

  /** A chain of operators that bind as closely as this, or closer. */
  #chain(level: number): Term<Subject> {
    if (level === levels.length) return this.#atom();
    let left = this.#chain(level + 1);
    for (;;) {
      const sign = levels[level].find((each) => this.#rest().startsWith(each));
      if (sign === undefined) return left;
      this.#at += sign.length;
      left = joined(operators[sign], left, this.#chain(level + 1));
      if (level === comparisons) return left;
    }
  }

  #atom(): Term<Subject> {
    const rest = this.#rest();
    const name = this.#readName(rest);
    if (name !== undefined) {
      this.#at += name.length;
      return name.term;
    }
    const number = /^(0x[0-9a-f]{1,32}|\d{1,40})(?![\w.])/i.exec(rest)?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      const value = plain(BigInt(number));
      return () => value;
    }
    const sign = rest.slice(0, 1);
    if (sign !== "(" && sign !== "-" && sign !== "!") throw this.#refuse("a number or a name");
    this.#at += 1;
    if (sign !== "(") {
      const inner = this.#atom();
      return sign === "-" ? joined(operators["-"], () => 0, inner) : (subject) => (isTrue(inner(subject)) ? 0 : 1);
    }
    const inner = this.#chain(0);
    if (!this.#rest().startsWith(")")) throw this.#refuse("a closing parenthesis");
    this.#at += 1;
    return inner;
  }

  /** What is left, from the next character that is no space. */
  #rest(): string {
    while (this.#text[this.#at] === " ") this.#at += 1;
    return this.#text.slice(this.#at);
  }

  #refuse(expected: string): Refusal {
    const rest = this.#rest();
    return new Refusal(`expected ${expected}, found ${rest === "" ? "the end" : quote(rest)}`);
  }
}

type Operator = "||" | "&&" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" | "-" | "*";

/** Those that bind the least come first. */
const levels: readonly (readonly Operator[])[] = [["||"], ["&&"], ["==", "!=", "<=", ">=", "<", ">"], ["+", "-"], ["*"]];
const comparisons = 2;

/** What an operator makes of two sides. Numbers and bigints compare as what they mean. */
type Operation = (left: Value, right: () => Value) => Value;

const operators: Readonly<Record<Operator, Operation>> = {
  "||": (left, right) => (isTrue(left) || isTrue(right()) ? 1 : 0),
  "&&": (left, right) => (isTrue(left) && isTrue(right()) ? 1 : 0),
  "==": (left, right) => (isEqual(left, right()) ? 1 : 0),
  "!=": (left, right) => (isEqual(left, right()) ? 0 : 1),
  "<=": (left, right) => (left <= right() ? 1 : 0),
  ">=": (left, right) => (left >= right() ? 1 : 0),
  "<": (left, right) => (left < right() ? 1 : 0),
  ">": (left, right) => (left > right() ? 1 : 0),
  "+": (left, right) => plain(BigInt(left) + BigInt(right())),
  "-": (left, right) => plain(BigInt(left) - BigInt(right())),
  "*": (left, right) => plain(BigInt(left) * BigInt(right())),
};

function joined<Subject>(operation: Operation, left: Term<Subject>, right: Term<Subject>): Term<Subject> {
  return (subject) => operation(left(subject), () => right(subject));
}

function isEqual(left: Value, right: Value): boolean {
  return typeof left === typeof right ? left === right : BigInt(left) === BigInt(right);
}

/** Whether a value counts as true: anything but 0. */
export function isTrue(value: Value): boolean {
  return typeof value === "bigint" ? value !== 0n : value !== 0;
}

/** As a number, if one holds it exactly. */
function plain(value: bigint): Value {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
