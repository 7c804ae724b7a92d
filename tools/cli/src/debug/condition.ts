// Conditions of stops: what they may ask of an event, and how that is read from a row of a batch.

import { catalogue, kindNames } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { littleEndian } from "../little-endian.ts";
import { nearest } from "../nearest.ts";
import { quote } from "../printable.ts";
import { Refusal } from "../refusal.ts";
import { isTrue, parseExpression } from "./expression.ts";
import type { NameReader, Term, Value } from "./expression.ts";

/** What a condition can ask. `kind` is a code; `value` the little-endian number of the first eight bytes, 0 without bytes. */
export interface Subject {
  readonly moment: number;
  readonly kind: number;
  readonly task: number;
  readonly processor: number;
  readonly vaddr: number;
  readonly paddr: number;
  readonly length: number;
  readonly site: number;
  readonly origin: number;
  readonly value: Value;
  /** What a watched place held before; elsewhere 0. */
  readonly old: Value;
}

/** What a condition is about, by name, and what that means. */
export const subjectNames: Readonly<Record<keyof Subject, string>> = {
  value: "the bytes written, little-endian; of a watched place those after",
  old: "those of a watched place before",
  kind: "the kind of the event, as in kind == store",
  task: "index of the task",
  processor: "number of the processor",
  vaddr: "virtual address",
  paddr: "physical address",
  length: "bytes, or what the kind has instead",
  site: "address of the instruction, 0 when unknown",
  origin: "record or line of the trace",
  moment: "how many events came before",
};

/** A condition, as it was written and as it is asked. */
export interface Condition {
  readonly text: string;
  readonly holds: (subject: Subject) => boolean;
}

/** Reads a condition. Throws a `Refusal`. */
export function parseCondition(text: string): Condition {
  const term = parseExpression(text, readName);
  return { text: text.trim(), holds: (subject) => isTrue(term(subject)) };
}

const names: ReadonlyMap<string, Term<Subject>> = new Map([
  ...kindNames().map((kind): [string, Term<Subject>] => [kind, () => catalogue[kind].code]),
  ...(Object.keys(subjectNames) as (keyof Subject)[]).map((name): [string, Term<Subject>] => [name, (subject) => subject[name]]),
]);

const readName: NameReader<Subject> = (text) => {
  const name = /^[a-z][a-z-]*[a-z]/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const term = names.get(name);
  if (term !== undefined) return { length: name.length, term };
  const near = nearest(name, [...names.keys()]);
  const guess = near === undefined ? "" : ` (did you mean ${near}?)`;
  throw new Refusal(`expected ${Object.keys(subjectNames).join(", ")} or a kind of event, found ${quote(name)}${guess}`);
};

/** A row of a batch, put to conditions without an object for each. */
export class RowSubject implements Subject {
  readonly old: Value = 0;
  #batch: EventBatch;
  #row: number;

  constructor(batch: EventBatch, row: number) {
    this.#batch = batch;
    this.#row = row;
  }

  /** The same subject about another row. */
  about(batch: EventBatch, row: number): this {
    this.#batch = batch;
    this.#row = row;
    return this;
  }

  get moment(): number {
    return this.#batch.firstMoment + this.#row;
  }
  get kind(): number {
    return this.#batch.kind[this.#row];
  }
  get task(): number {
    return this.#batch.task[this.#row];
  }
  get processor(): number {
    return this.#batch.processor[this.#row];
  }
  get vaddr(): number {
    return this.#batch.vaddr[this.#row];
  }
  get paddr(): number {
    return this.#batch.paddr[this.#row];
  }
  get length(): number {
    return this.#batch.length[this.#row];
  }
  get site(): number {
    return this.#batch.site[this.#row];
  }
  get origin(): number {
    return this.#batch.origin[this.#row];
  }
  get value(): Value {
    return hasBytes[this.kind] === 1 ? littleEndian(this.#batch.bytes(this.#row)) : 0;
  }
}

/** By code: whether the heap has the bytes of such an event, and whether it touches `length` bytes of memory. */
const hasBytes = new Uint8Array(256);
const hasExtent = new Uint8Array(256);
for (const kind of kindNames()) {
  const { code, role } = catalogue[kind];
  const columns: readonly string[] = catalogue[kind].columns;
  if (columns.includes("bytes")) hasBytes[code] = 1;
  if (role === "memory" || kind === "load") hasExtent[code] = 1;
}

/** Whether an event's virtual addresses, of which it may have one or many, meet [start, end). */
export function meets({ kind, vaddr, length }: Pick<Subject, "kind" | "vaddr" | "length">, start: number, end: number): boolean {
  return vaddr < end && vaddr + (hasExtent[kind] === 1 ? length : 1) > start;
}
