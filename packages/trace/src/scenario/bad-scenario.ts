// The one error of scenarios: text that is none, or a line that asks for what cannot be.

/** Where in a text: line and column count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What stands at a place of a scenario is not what must stand there, or did not come out as the line says. */
export class BadScenario extends Error implements TextPlace {
  override readonly name = "BadScenario";
  readonly line: number;
  readonly column: number;
  /** Phrases: `a page of A, which has 4`, `A.7`. */
  readonly expected: string;
  readonly found: string;

  constructor({ line, column }: TextPlace, expected: string, found: string) {
    super(`line ${line}, column ${column}: expected ${expected}, found ${found}`);
    this.line = line;
    this.column = column;
    this.expected = expected;
    this.found = found;
  }
}
