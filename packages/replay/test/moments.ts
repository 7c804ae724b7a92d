// Laws of moments: what a look at one shows.

import type { CopyRule, SegmentRule } from "@pagelapse/replay";
import fc from "fast-check";
import { digestAt, digestOf, fewKeys, historyOf, open, place, recordingOf } from "./history.ts";
import type { Trial } from "./history.ts";
import { programs } from "./program.ts";

const segmentSizes = fc.constantFrom(1, 2, 7, 64, 1000).map((least): SegmentRule => ({ least, eachFrame: 0, most: least }));

/** A moment is what the facts up to it make, from any cursor, forward and back. */
export function momentLaw(copies: CopyRule): (trial: Trial) => Promise<void> {
  const moments = fc.array(place, { minLength: 1, maxLength: 6 });
  return (trial) =>
    fc.assert(
      fc.asyncProperty(programs, segmentSizes, fewKeys, moments, async (program, segments, few, places) => {
        const history = historyOf(program);
        const timeline = await open(recordingOf(history, { copies, segments, fewKeys: few }), { cacheBytes: 2 ** 16 });
        if (timeline.moments !== history.moments) throw new Error(`${timeline.moments} moments of ${history.moments}`);
        for (const share of [...places, 1, 0, ...places]) {
          const moment = Math.floor(share * history.moments);
          if ((await timeline.look(moment, digestOf)) !== digestAt(history, moment))
            throw new Error(`moment ${moment} is another`);
        }
      }),
      trial,
    );
}

/** TLBs of the past are what they were. */
export function tlbLaw(trial: Trial): Promise<void> {
  return fc.assert(
    fc.asyncProperty(programs, segmentSizes, async (program, segments) => {
      const history = historyOf(program);
      const timeline = await open(recordingOf(history, { segments }));
      for (const [moment, contents] of history.tlbs) {
        const found = (await timeline.tlbs(moment)).map((tlb) => tlb.contents());
        if (JSON.stringify(found) !== JSON.stringify(contents)) throw new Error(`the TLBs of moment ${moment} are others`);
      }
    }),
    trial,
  );
}
