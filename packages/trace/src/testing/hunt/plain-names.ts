// Names and values as one would choose them by hand: in the order in which they appear.

import type { Statement } from "../../scenario/scenario.ts";

/** The same scenario with areas A, B, ..., checkpoints K0, K1, ..., pins P, Q, ..., files f, g, ...; and the same with values 1, 2, ... */
export function withPlainNames(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const areas = new Names("ABCDEFGHIJKLMNO");
  const pins = new Names("PQRSTUVW");
  const files = new Names("fghij");
  const checkpoints = new Names("");
  const values = new Map<number, number>();
  const rename = (key: string, value: unknown, parent: Statement): unknown => {
    if (key === "area" || ((key === "name" || key === "to") && (parent.verb === "map" || parent.verb === "move")))
      return named(value, areas.of);
    if (key === "name" && parent.verb === "checkpoint") return named(value, checkpoints.of);
    if (key === "pin") return named(value, pins.of);
    return key === "file" ? files.of(String(value)) : undefined;
  };
  const revalue = (key: string, value: unknown): unknown =>
    key === "bytes" && Array.isArray(value) ? value.map((byte) => valueOf(Number(byte), values)) : undefined;
  return [rename, revalue].map((change) => statements.map((statement) => renameAll(statement, statement, change) as Statement));
}

type Rename = (key: string, value: unknown, parent: Statement) => unknown;

function renameAll(value: unknown, parent: Statement, rename: Rename): unknown {
  if (Array.isArray(value)) return value.map((each) => renameAll(each, parent, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, rename(key, each, parent) ?? renameAll(each, parent, rename)]),
  );
}

function named(value: unknown, of: (text: string) => string): unknown {
  return typeof value === "object" && value !== null && "text" in value ? { ...value, text: of(String(value.text)) } : undefined;
}

/** Zero stays: it says that a page became empty. */
function valueOf(byte: number, known: Map<number, number>): number {
  if (byte === 0) return 0;
  const value = known.get(byte) ?? known.size + 1;
  known.set(byte, value);
  return value;
}

/** New names in the order in which the old ones are first met. */
class Names {
  readonly #letters: string;
  readonly #known: Map<string, string> = new Map();

  constructor(letters: string) {
    this.#letters = letters;
  }

  readonly of = (old: string): string => {
    const count = this.#known.size;
    const name = this.#known.get(old) ?? (this.#letters === "" ? `K${count}` : (this.#letters[count] ?? old));
    this.#known.set(old, name);
    return name;
  };
}
