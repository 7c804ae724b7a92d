// Frames as text: what QEMU's monitor prints for `xp /512gx ADDRESS` and gdb for `x/512gx ADDRESS`.

import { frameBytes } from "./physical-memory.ts";

/*
 *     # comments and empty lines are passed over
 *     0000000000101000: 0x0000000000102067 0x0000000000000000
 *     0000000000101010: 0x0000000000000000 0x0000000000000000
 *     *
 *     0000000000101ff0: 0x0000000000000000 0x00000000ffe001a3
 *
 * Words are little-endian and have 4 to 16 digits. `*` repeats the line before it up to the next line's address or to the
 * end of the frame, as hexdump does. Lines come in order of address, and fill the frames they stand in.
 */

/** Text that is no dump of words. `line` counts from 1. */
export class BadWordDump extends Error {
  override readonly name = "BadWordDump";
  readonly line: number;
  readonly expected: string;
  readonly found: string;

  constructor(line: number, expected: string, found: string) {
    super(`line ${line}: expected ${expected}, found ${found}`);
    this.line = line;
    this.expected = expected;
    this.found = found;
  }
}

const linePattern = /^\s*(?:0x)?([0-9a-f]{1,16}):((?:\s+0x(?:[0-9a-f]{16}|[0-9a-f]{8}|[0-9a-f]{4}))+)\s*$/i;

/** The frames of such a text, by frame number; throws `BadWordDump`. */
export function parseWordDump(text: string): ReadonlyMap<number, Uint8Array> {
  const dump = new WordDump();
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    if (trimmed === "*") dump.repeat(index + 1);
    else dump.line(index + 1, line);
  }
  dump.end(lines.length);
  return dump.frames;
}

class WordDump {
  readonly frames = new Map<number, Uint8Array>();
  /** Where the next line must begin; a multiple of 4096 when no frame is half full. */
  #next = 0;
  #last: Uint8Array | undefined;
  #repeating = false;

  line(number: number, text: string): void {
    const match = linePattern.exec(text);
    if (match === null) throw new BadWordDump(number, "an address, a colon and words", JSON.stringify(text.slice(0, 60)));
    const paddr = Number.parseInt(match[1], 16);
    const bytes = bytesOf(match[2].trim().split(/\s+/));
    this.#repeatUpTo(number, paddr);
    const inFrame = paddr & (frameBytes - 1);
    const begins = inFrame === 0 && (this.#next & (frameBytes - 1)) === 0 && paddr >= this.#next;
    if (paddr !== this.#next && !begins) throw new BadWordDump(number, this.#expectation(), hex(paddr));
    if (inFrame + bytes.length > frameBytes)
      throw new BadWordDump(number, "words of one frame", `${bytes.length} bytes at ${hex(paddr)}`);
    this.#append(paddr, bytes);
  }

  repeat(number: number): void {
    if (this.#last === undefined || this.#repeating) throw new BadWordDump(number, "a line to repeat", '"*"');
    this.#repeating = true;
  }

  end(number: number): void {
    if (this.#repeating) this.#repeatUpTo(number, Infinity);
    if ((this.#next & (frameBytes - 1)) !== 0) throw new BadWordDump(number, this.#expectation(), "the end");
  }

  #repeatUpTo(number: number, paddr: number): void {
    if (!this.#repeating || this.#last === undefined) return;
    this.#repeating = false;
    const left = (frameBytes - (this.#next & (frameBytes - 1))) & (frameBytes - 1);
    const past = paddr >= this.#next && paddr < this.#next + left ? paddr : this.#next + left;
    while (this.#next < past) {
      if (this.#next + this.#last.length > past) throw new BadWordDump(number, "an address that whole lines lead to", hex(paddr));
      this.#append(this.#next, this.#last);
    }
  }

  #append(paddr: number, bytes: Uint8Array): void {
    const offset = paddr & (frameBytes - 1);
    const pfn = (paddr - offset) / frameBytes;
    const frame = this.frames.get(pfn) ?? new Uint8Array(frameBytes);
    frame.set(bytes, offset);
    this.frames.set(pfn, frame);
    this.#last = bytes;
    this.#next = paddr + bytes.length;
  }

  #expectation(): string {
    return (this.#next & (frameBytes - 1)) === 0 ? `a frame from ${hex(this.#next)} on` : `the address ${hex(this.#next)}`;
  }
}

function bytesOf(words: readonly string[]): Uint8Array {
  return Uint8Array.from(
    words.flatMap((word) => (word.slice(2).match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).toReversed()),
  );
}

function hex(paddr: number): string {
  return `0x${paddr.toString(16)}`;
}
