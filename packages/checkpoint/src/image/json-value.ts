// A value out of JSON that nobody vouches for, taken apart with a name for each part.

import { BadImage } from "../bad-image.ts";

/** A part of a JSON text. Every method throws `BadImage` rather than give what does not stand there. */
export class JsonValue {
  readonly #file: string;
  readonly #value: unknown;
  /** What it is part of, and under which name: put together only for complaints. */
  readonly #whole: JsonValue | undefined;
  readonly #name: string | number;

  private constructor(file: string, value: unknown, whole: JsonValue | undefined, name: string | number) {
    this.#file = file;
    this.#value = value;
    this.#whole = whole;
    this.#name = name;
  }

  /** The whole of a text. */
  static parse(file: string, text: string): JsonValue {
    try {
      return new JsonValue(file, JSON.parse(text), undefined, "");
    } catch {
      throw new BadImage(file, 0, "JSON", "other text");
    }
  }

  get isMissing(): boolean {
    return this.#value === undefined;
  }

  member(name: string): JsonValue {
    if (typeof this.#value !== "object" || this.#value === null) return this.#refuse("an object");
    const value: unknown = Object.hasOwn(this.#value, name) ? Reflect.get(this.#value, name) : undefined;
    return new JsonValue(this.#file, value, this, name);
  }

  items(): readonly JsonValue[] {
    if (!Array.isArray(this.#value)) return this.#refuse("a list");
    return this.#value.map((item: unknown, index) => new JsonValue(this.#file, item, this, index));
  }

  number(): number {
    return typeof this.#value === "number" ? this.#value : this.#refuse("a number");
  }

  /** Text without lone surrogates, which no file could hold. */
  text(): string {
    return typeof this.#value === "string" && !/\p{Surrogate}/u.test(this.#value) ? this.#value : this.#refuse("text");
  }

  oneOf<Word extends string>(words: readonly Word[]): Word {
    return words.find((word) => word === this.#value) ?? this.#refuse(`one of ${words.join(", ")}`);
  }

  #refuse(expected: string): never {
    throw new BadImage(this.#file, 0, `${expected} as ${this.#path() || "the whole"}`, kindOf(this.#value));
  }

  #path(): string {
    const before = this.#whole === undefined ? "" : this.#whole.#path();
    if (typeof this.#name === "number") return `${before}[${this.#name}]`;
    return before === "" ? this.#name : `${before}.${this.#name}`;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" || typeof value === "boolean" || value === null) return `${value}`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  return Array.isArray(value) ? "a list" : "an object";
}
