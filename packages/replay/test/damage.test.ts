import { BadRecording } from "@pagelapse/replay";
import type { Timeline } from "@pagelapse/replay";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf, foldTo, historyOf, open, place, recordingOf } from "./history.ts";
import { programs } from "./program.ts";

const recorded = programs.map((program) => {
  const history = historyOf(program);
  return {
    history,
    bytes: recordingOf(history, { segments: { least: 16, eachFrame: 0, most: 16 }, copies: { weight: 200, touch: 30 } }),
  };
});

/** Mostly anywhere, now and then in the header or the footer. */
const cut = fc.oneof(
  { weight: 4, arbitrary: place },
  place.map((share) => share / 20),
  place.map((share) => 1 - share / 20),
);

test("a recording cut at any byte opens up to its last whole segment, and says where it was cut", async () => {
  const met = { whole: 0, part: 0, none: 0 };
  await fc.assert(
    fc.asyncProperty(recorded, cut, async ({ history, bytes }, share) => {
      const size = Math.min(bytes.length - 1, Math.floor(share * bytes.length));
      let timeline: Timeline;
      try {
        timeline = await open(bytes.slice(0, size));
      } catch (reason) {
        expect(reason).toBeInstanceOf(BadRecording);
        met.none++;
        return;
      }
      expect(timeline.cut).toBeInstanceOf(BadRecording);
      const whole = await open(bytes);
      const kept = whole.recording.segments.filter(({ header }) => header.offset + 96 + header.payloadBytes <= size);
      expect(timeline.recording.segments.length).toBe(kept.length);
      const { moments } = timeline;
      expect(await timeline.look(moments, digestOf)).toBe(digestOf(memoryAndState(history, moments)));
      met[moments === history.moments ? "whole" : "part"]++;
    }),
    { numRuns: 150 },
  );
  expect(Math.min(met.whole, met.part, met.none)).toBeGreaterThan(1);
});

function memoryAndState(history: Parameters<typeof foldTo>[0], moment: number): Parameters<typeof digestOf>[0] {
  const { ram, state } = foldTo(history, moment);
  return { memory: ram, state };
}

test("a flipped bit is named, and never shown", async () => {
  const met = { refused: 0, harmless: 0 };
  await fc.assert(
    fc.asyncProperty(recorded, place, fc.nat(7), place, async ({ history, bytes }, share, bit, when) => {
      const damaged = bytes.slice();
      damaged[Math.floor(share * bytes.length)] ^= 1 << bit;
      try {
        const timeline = await open(damaged);
        const moment = Math.min(timeline.moments, Math.floor(when * history.moments));
        const found = await timeline.look(moment, digestOf);
        if (found !== digestOf(memoryAndState(history, moment))) throw new Error("other bytes were shown");
        let row = 0;
        for await (const batch of timeline.batches()) {
          const original = history.batches.flatMap((each) => Array.from({ length: each.count }, (_, at) => each.kind[at]));
          expect([...batch.kind]).toEqual(original.slice(row, row + batch.count));
          row += batch.count;
        }
        met.harmless++;
      } catch (reason) {
        if (!(reason instanceof BadRecording)) throw reason;
        expect(reason.message).toMatch(/^byte \d+ of the recording: expected .+, found .+/);
        met.refused++;
      }
    }),
    { numRuns: 300 },
  );
  expect(met.refused).toBeGreaterThan(100);
  expect(met.harmless).toBeGreaterThan(10);
});

test("what is no recording is refused", async () => {
  await expect(open(new Uint8Array())).rejects.toThrow("byte 0 of the recording: expected 24 bytes of header, found 0 bytes");
  await expect(open(new Uint8Array(100))).rejects.toThrow("byte 0 of the recording: expected the mark of a recording");
});
