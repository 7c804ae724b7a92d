// The one error of this package: a trace that cannot be believed.

/** A place in a trace: of a record its first byte, of a line its number from 1 and its first byte. */
export interface TracePlace {
  /** Bytes from the beginning of the trace, unpacked. */
  readonly offset: number;
  /** `undefined` in a recorded stream. */
  readonly line: number | undefined;
}

/** What stands at a place of a trace is not what must stand there. Thrown by everything here that reads a trace. */
export class BadTrace extends Error implements TracePlace {
  override readonly name = "BadTrace";
  readonly offset: number;
  readonly line: number | undefined;
  /** Phrases: `an address inside a writable area`, `0x1000 (unmapped)`. */
  readonly expected: string;
  readonly found: string;

  constructor(place: TracePlace, expected: string, found: string) {
    super(
      `${place.line === undefined ? "" : `line ${place.line}, `}offset ${place.offset}: expected ${expected}, found ${found}`,
    );
    this.offset = place.offset;
    this.line = place.line;
    this.expected = expected;
    this.found = found;
  }
}

/** A number as addresses, lengths and protections are written in messages. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
