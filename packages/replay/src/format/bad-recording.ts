// What is wrong with a file that is no recording, or one whose bytes have changed since.

/** Names the place, in bytes from the start of the file, and what was expected and found there. */
export class BadRecording extends Error {
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor(offset: number, expected: string, found: string) {
    super(`byte ${offset} of the recording: expected ${expected}, found ${found}`);
    this.name = "BadRecording";
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}
