import { MemorySink, Recorder } from "@pagelapse/replay";
import { expect, test } from "vitest";
import { encodeFileHeader } from "../src/format/file-header.ts";
import { cutLaw, flipLaw } from "./damaged.ts";
import { open } from "./history.ts";

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
