// An event that is no write and no load, as it lies in its run.

import { plainPrefixBytes } from "../format/run.ts";
import { decodeRun } from "./run-events.ts";
import type { Recording } from "./recording.ts";
import { wordOf } from "./segment.ts";
import type { Segment } from "./segment.ts";
import { RECORD } from "../format/run.ts";
import { kindKey, roleOf, roles } from "../format/event-key.ts";
import { hasKind } from "../format/segment-header.ts";

/** Its columns; `detail` is JSON, or `undefined` where there is none. */
export interface PlainColumns {
  readonly task: number;
  readonly processor: number;
  readonly vaddr: number;
  readonly paddr: number;
  readonly length: number;
  readonly detail: object | undefined;
  /** Of a fact about a file: a view of what it received. */
  readonly bytes: Uint8Array;
}

/** The same, and which event it is. */
export interface PlainEvent extends PlainColumns {
  readonly position: number;
  readonly kind: number;
}

/** What stands after an event's first columns, if anything does. */
export type PlainRest = "detail" | "numbers" | "file";

/** The same for the kind with that code. */
export function restOf(kind: number): PlainRest {
  const role = roleOf[kind];
  return role === roles.detailed ? "detail" : role === roles.filed ? "file" : "numbers";
}

/** The event whose bytes are these `length` from `start` on. */
export function decodePlain(bytes: Uint8Array, start: number, length: number, rest: PlainRest): PlainColumns {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
  const columns = {
    vaddr: Number(view.getBigInt64(0, true)),
    task: view.getUint16(8, true),
    processor: view.getUint8(10),
    paddr: 0,
    length: 0,
    detail: undefined,
    bytes: nothing,
  };
  const from = start + plainPrefixBytes;
  const end = start + length;
  if (rest === "detail") return { ...columns, detail: decodeDetail(bytes.subarray(from, end)) };
  if (rest === "numbers") {
    if (from === end) return columns;
    return { ...columns, paddr: view.getUint32(plainPrefixBytes, true), length: view.getUint32(plainPrefixBytes + 4, true) };
  }
  const text = from + 4 + view.getUint32(plainPrefixBytes, true);
  return {
    ...columns,
    detail: decodeDetail(bytes.subarray(from + 4, text)),
    bytes: bytes.subarray(text, end),
    length: end - text,
  };
}

const nothing = new Uint8Array(0);

function decodeDetail(bytes: Uint8Array): object {
  return JSON.parse(new TextDecoder().decode(bytes)) as object;
}

/** All events of these kinds in a segment before a position, in order. */
export async function plainEvents(
  recording: Recording,
  segment: Segment,
  kinds: readonly number[],
  rest: PlainRest,
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
        found.push({ ...decodePlain(bytes, starts[i], lengths[i], rest), position: positions[i], kind });
      }
      record = await segment.record(record.index + 1);
    }
  }
  return found.toSorted((left, right) => left.position - right.position);
}
