// Laws of damage: what is cut off is missing, what has changed is named.

import { BadRecording } from "@pagelapse/replay";
import fc from "fast-check";
import { digestAt, digestOf, open, place, recorded } from "./history.ts";
import type { Trial } from "./history.ts";
import { linesOf } from "./past-events.ts";

/** Mostly anywhere, now and then in the header or the footer. */
const cuts = fc.oneof(
  { weight: 4, arbitrary: place },
  place.map((share) => share / 20),
  place.map((share) => 1 - share / 20),
);

/** A recording cut at any byte opens up to its last whole segment. Returns how often all of it, a part, or nothing was left. */
export async function cutLaw(trial: Trial): Promise<Readonly<Record<"whole" | "part" | "none", number>>> {
  const met = { whole: 0, part: 0, none: 0 };
  await fc.assert(
    fc.asyncProperty(recorded, cuts, async ({ history, bytes }, share) => {
      const size = Math.min(bytes.length - 1, Math.floor(share * bytes.length));
      const timeline = await open(bytes.slice(0, size)).catch((reason: unknown) => reason);
      const whole = await open(bytes);
      if (timeline instanceof BadRecording) {
        if (size >= whole.recording.segments[0].header.offset) throw new Error("a recording without an end is refused");
        return void met.none++;
      }
      if (!(timeline instanceof Object && "moments" in timeline)) throw timeline;
      const opened = timeline as Awaited<ReturnType<typeof open>>;
      if (!(opened.cut instanceof BadRecording)) throw new Error("nobody was told");
      const kept = whole.recording.segments.filter(({ header }) => header.offset + 96 + header.payloadBytes <= size);
      if (opened.recording.segments.length !== kept.length)
        throw new Error(`${opened.recording.segments.length} of ${kept.length}`);
      const { moments } = opened;
      if ((await opened.look(moments, digestOf)) !== digestAt(history, moments)) throw new Error("other bytes were shown");
      met[moments === history.moments ? "whole" : "part"]++;
    }),
    trial,
  );
  return met;
}

/** A flipped bit is named, and never shown. Returns how often it was, and how often it did not matter. */
export async function flipLaw(trial: Trial): Promise<Readonly<Record<"named" | "harmless", number>>> {
  const met = { named: 0, harmless: 0 };
  await fc.assert(
    fc.asyncProperty(recorded, place, fc.nat(7), place, async ({ history, bytes }, share, bit, when) => {
      const damaged = bytes.slice();
      damaged[Math.floor(share * bytes.length)] ^= 1 << bit;
      try {
        const timeline = await open(damaged);
        const moment = Math.min(timeline.moments, Math.floor(when * history.moments));
        if ((await timeline.look(moment, digestOf)) !== digestAt(history, moment)) throw new Error("other bytes were shown");
        const lines: string[] = [];
        for await (const batch of timeline.batches()) lines.push(...linesOf([batch]));
        const expected = linesOf(history.batches).slice(0, timeline.moments);
        if (lines.join("\n") !== expected.join("\n")) throw new Error("other events were shown");
        met.harmless++;
      } catch (reason) {
        if (!(reason instanceof BadRecording)) throw reason;
        met.named++;
      }
    }),
    trial,
  );
  return met;
}
