import { kindOf } from "@pagelapse/events";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE } from "@pagelapse/vma";
import { MemorySink, Recorder } from "@pagelapse/replay";
import { expect, test } from "vitest";
import { crc32 } from "../src/format/crc32.ts";
import { encodeFileHeader } from "../src/format/file-header.ts";
import { cutLaw, flipLaw } from "./damaged.ts";
import { historyOf, open, recordingOf, tinyMachine } from "./history.ts";

test("a recording cut at any byte opens up to its last whole segment, and says where it was cut", async () => {
  const { whole, part, none } = await cutLaw({ numRuns: 100 });
  expect(Math.min(whole, part, none)).toBeGreaterThan(1);
});

test("a flipped bit is named, and never shown", async () => {
  const { named, harmless } = await flipLaw({ numRuns: 150 });
  expect(named).toBeGreaterThan(50);
  expect(harmless).toBeGreaterThan(3);
});

test("what is no recording is refused", async () => {
  await expect(open(new Uint8Array())).rejects.toThrow("byte 0 of the recording: expected 24 bytes of header, found 0 bytes");
  await expect(open(new Uint8Array(100))).rejects.toThrow("byte 0 of the recording: expected the mark of a recording");
});

test("a machine that cannot be is refused, written or read", async () => {
  const machine = { architecture: "x86-64", ramFrames: 40, swapFrames: 0, processors: 1, tlb: { sets: 3, ways: 1 } };
  expect(() => new Recorder({ sink: new MemorySink(), machine })).toThrow("no machine");
  expect(() => new Recorder({ sink: new MemorySink(), machine: { ...machine, architecture: "pdp-11" } })).toThrow("pdp-11");
  const sink = new MemorySink();
  sink.append(encodeFileHeader(machine));
  await expect(open(sink.bytes)).rejects.toThrow("byte 24 of the recording: expected the description of a machine");
});

test.each(["{", "null", "7", "[]", '"pdp"'])(
  "a description that is %s is refused, though its checksums are right",
  async (text) => {
    const description = new TextEncoder().encode(text);
    const header = new Uint8Array(32);
    header.set(encodeFileHeader(tinyMachine).subarray(0, 12));
    const view = new DataView(header.buffer);
    view.setUint32(12, description.length, true);
    view.setUint32(16, crc32(description), true);
    view.setUint32(20, crc32(header, 0, 20), true);
    header.set(description, 24);
    await expect(open(header)).rejects.toThrow("byte 24 of the recording: expected the description of a machine");
  },
);

test("a recording in a piece of a Buffer opens, and is read, wherever the piece begins", async () => {
  const history = historyOf([
    { kind: "map-memory", start: 0x10000, byteCount: 8192, prot: 3, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED },
    { kind: "store", vaddr: 0x10ffc, bytes: new Uint8Array(8).fill(7) },
  ]);
  const bytes = recordingOf(history);
  for (let start = 0; start < 8; start++) {
    const pool = Buffer.alloc(bytes.length + 8, 0xff);
    pool.set(bytes, start);
    const timeline = await open(pool.subarray(start, start + bytes.length));
    const kinds: string[] = [];
    for await (const batch of timeline.batches(0, timeline.moments)) {
      for (let row = 0; row < batch.count; row++) kinds.push(kindOf(batch.kind[row]));
    }
    expect([kinds.length, kinds.filter((kind) => kind === "store").length]).toEqual([history.moments, 2]);
  }
});
