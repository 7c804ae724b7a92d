// A line of text from outside that is no crash or no plan of faults.

/** Why a line was refused: where it departs from its notation, what should stand there, and what does. */
export class BadLine extends Error {
  readonly line: string;
  /** Characters from the beginning of the line. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor(line: string, offset: number, expected: string, found: string) {
    super(`${JSON.stringify(line)}: at character ${offset}: expected ${expected}, found ${found === "" ? "nothing" : found}`);
    this.name = "BadLine";
    this.line = line;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}

/** A word of a line, and where it begins. */
export interface Word {
  readonly text: string;
  readonly offset: number;
}

/** The words of a line, which spaces separate. */
export function wordsOf(line: string, begin = 0): readonly Word[] {
  return Array.from(line.matchAll(/[^ ]+/g), (match) => ({ text: match[0], offset: begin + match.index }));
}
