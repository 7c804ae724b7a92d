// An event that is no write and no load, as it lies in its run.

import { plainPrefixBytes } from "../format/run.ts";
import { decodeRun } from "./run-events.ts";
import type { Recording } from "./recording.ts";
import { wordOf } from "./segment.ts";
import type { Segment } from "./segment.ts";
import { RECORD } from "../format/run.ts";
import { kindKey } from "../format/event-key.ts";
import { hasKind } from "../format/segment-header.ts";

/** Its columns; `detail` is JSON, or `undefined` where there is none. */
export interface PlainColumns {
  readonly task: number;
  readonly processor: number;
  readonly vaddr: number;
  readonly paddr: number;
  readonly length: number;
  readonly detail: object | undefined;
}

/** The same, and which event it is. */
export interface PlainEvent extends PlainColumns {
  readonly position: number;
  readonly kind: number;
}

/** The event whose bytes are these `length` from `start` on. `holds` says what stands after its first columns, if anything does. */
export function decodePlain(bytes: Uint8Array, start: number, length: number, holds: "detail" | "numbers"): PlainColumns {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
  const hasNumbers = holds === "numbers" && length === plainPrefixBytes + 8;
  const rest = bytes.subarray(start + plainPrefixBytes, start + length);
  return {
    vaddr: Number(view.getBigInt64(0, true)),
    task: view.getUint16(8, true),
    processor: view.getUint8(10),
    paddr: hasNumbers ? view.getUint32(plainPrefixBytes, true) : 0,
    length: hasNumbers ? view.getUint32(plainPrefixBytes + 4, true) : 0,
    detail: holds === "detail" ? (JSON.parse(new TextDecoder().decode(rest)) as object) : undefined,
  };
}

/** All events of these kinds in a segment before a position, in order. */
export async function plainEvents(
  recording: Recording,
  segment: Segment,
  kinds: readonly number[],
  holds: "detail" | "numbers",
  before: number,
): Promise<readonly PlainEvent[]> {
  const found: PlainEvent[] = [];
  for (const kind of kinds) {
    if (!hasKind(segment.header, kind)) continue;
    const key = kindKey(recording.frameCount, kind);
    let record = await segment.firstRecord(key, 0);
    while (record !== undefined && wordOf(record, RECORD.key) === key && wordOf(record, RECORD.position) < before) {
      const { count, positions, bytes, starts, lengths } = decodeRun(
        record,
        await segment.run(record),
        recording.frameCount,
        segment.header.offset,
      );
      for (let i = 0; i < count && positions[i] < before; i++) {
        found.push({ ...decodePlain(bytes, starts[i], lengths[i], holds), position: positions[i], kind });
      }
      record = await segment.record(record.index + 1);
    }
  }
  return found.toSorted((left, right) => left.position - right.position);
}
