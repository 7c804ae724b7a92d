import type { CopyRule, SegmentRule } from "@pagelapse/replay";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf, foldTo, historyOf, open, place, recordingOf } from "./history.ts";
import { programs } from "./program.ts";

const copyRules: readonly (readonly [string, CopyRule])[] = [
  ["before every write", { weight: 0, touch: 0 }],
  ["every seven words", { weight: 56, touch: 0 }],
  ["never", { weight: Infinity, touch: 0 }],
];
const segmentSizes = fc.constantFrom(1, 2, 7, 64, 1000).map((least): SegmentRule => ({ least, eachFrame: 0, most: least }));

describe.each(copyRules)("frames copied %s", (_, copies) => {
  test("a moment is what the facts up to it make, from any cursor, forward and back", async () => {
    await fc.assert(
      fc.asyncProperty(
        programs,
        segmentSizes,
        fc.array(place, { minLength: 1, maxLength: 8 }),
        async (program, segments, places) => {
          const history = historyOf(program);
          const timeline = await open(recordingOf(history, { copies, segments }), { cacheBytes: 2 ** 16 });
          expect(timeline.moments).toBe(history.moments);
          for (const place of [...places, 1, 0, ...places]) {
            const moment = Math.floor(place * history.moments);
            const found = await timeline.look(moment, digestOf);
            if (found !== digestOf(memoryAndState(foldTo(history, moment)))) throw new Error(`moment ${moment} is another`);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

function memoryAndState({ ram, state }: ReturnType<typeof foldTo>): { memory: typeof ram; state: typeof state } {
  return { memory: ram, state };
}

test("TLBs of the past are what they were", async () => {
  await fc.assert(
    fc.asyncProperty(programs, segmentSizes, async (program, segments) => {
      const history = historyOf(program);
      const timeline = await open(recordingOf(history, { segments }));
      for (const [moment, contents] of history.tlbs) {
        expect((await timeline.tlbs(moment)).map((tlb) => tlb.contents())).toEqual(contents);
      }
    }),
    { numRuns: 40 },
  );
});
