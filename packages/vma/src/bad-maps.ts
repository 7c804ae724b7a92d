// What is wrong with a text that should be a /proc/PID/maps.

/** A line that Linux would not print. */
export class BadMaps extends Error {
  override readonly name = "BadMaps";
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units: where something else should begin, or just behind a number that cannot be. */
  readonly column: number;
  readonly expected: string;
  readonly found: string;

  constructor(line: number, column: number, expected: string, found: string) {
    super(
      `line ${line}, column ${column}: expected ${expected}, found ${found === "" ? "the end of the line" : JSON.stringify(found)}`,
    );
    this.line = line;
    this.column = column;
    this.expected = expected;
    this.found = found;
  }
}
