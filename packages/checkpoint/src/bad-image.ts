// Why a checkpoint file is not believed.

/** A file that is no whole image of its format: where it departs from it, what should stand there, and what does. */
export class BadImage extends Error {
  readonly file: string;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor(file: string, offset: number, expected: string, found: string) {
    super(`${file}: at byte ${offset}: expected ${expected}, found ${found}`);
    this.name = "BadImage";
    this.file = file;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}
