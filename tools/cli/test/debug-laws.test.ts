// What holds of the debugger whatever is typed, and whatever happened in the recording.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLine } from "../src/debug/command-line.ts";
import { commands } from "../src/debug/command-table.ts";
import { Session } from "../src/debug/session.ts";
import type { Watchpoint } from "../src/debug/stop.ts";
import { findWatch } from "../src/debug/watch-search.ts";
import { Refusal } from "../src/refusal.ts";
import { recordGallery, timelineOf } from "./recording.ts";

const gallery = fileURLToPath(new URL("../../../packages/trace/scenarios", import.meta.url));
const scenarios = readdirSync(gallery).filter((name) => name.endsWith(".scenario"));

async function openGallery(name: string) {
  return timelineOf(recordGallery(join(gallery, name)));
}

const names = commands.flatMap((command) => command.names).filter((name) => name !== "quit");
const words =
  "0 1 -1 0x10000000 0x10000fff 0x10001ff8 0x1fffffffffffff 0xffffffffffffffff 4096 8 end start 50% 100.5% 1,000 -9999999 +10 #1 a . task " +
  'running store [heap] if value == 3 at * -p + ,8 , "ab" ( ) && ! / \\ \u001b[2J';
const line = fc
  .tuple(
    fc.constantFrom(...names),
    fc.constantFrom("", "/8xg", "/s", "/4a", "/b", "/99999999x", "/i", "/"),
    fc.array(fc.constantFrom(...words.split(" ")), { maxLength: 4 }),
  )
  .map(([name, format, rest]) => `${name}${format} ${rest.join(" ")}`);

test("no line, however odd, ends a session: it is answered or refused", async () => {
  const timeline = await openGallery("f12-swapped-and-read.scenario");
  const outcomes = { answered: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20, size: "max" }), async (lines) => {
      const session = new Session(timeline, {
        paint: (_, text) => text,
        startProgress: () => ({ show() {}, clear() {} }),
        width: 80,
      });
      for (const each of lines) {
        try {
          const { command, input } = parseLine(commands, each);
          await command.run(session, input);
          outcomes.answered += 1;
        } catch (reason) {
          if (!(reason instanceof Refusal)) throw reason;
          outcomes.refused += 1;
        }
        expect(session.moment).toBeGreaterThanOrEqual(0);
        expect(session.moment).toBeLessThanOrEqual(session.end);
      }
    }),
    { numRuns: 100 },
  );
  expect(outcomes.answered).toBeGreaterThan(50);
  expect(outcomes.refused).toBeGreaterThan(50);
});

/** The moments of all hits, in the order in which they are found. */
async function hitsOf(
  timeline: Awaited<ReturnType<typeof openGallery>>,
  watch: Watchpoint,
  direction: "forward" | "back",
): Promise<readonly number[]> {
  const moments: number[] = [];
  let range = { from: 0, to: timeline.moments };
  for (;;) {
    const hit = await findWatch(timeline, watch, range, direction, async () => {});
    if (hit === undefined) return moments;
    const { moment } = hit.event;
    moments.push(moment);
    range = direction === "forward" ? { from: moment + 1, to: timeline.moments } : { from: 0, to: moment };
  }
}

test("what a watchpoint stops at on the way forward it stops at on the way back, in every scenario of the gallery", async () => {
  let hits = 0;
  for (const name of scenarios) {
    const timeline = await openGallery(name);
    for (const address of [0x1000_0000, 0x1000_1000, 0x1000_2000]) {
      const place = { space: "virtual", task: 0, address, byteCount: 8 } as const;
      const watch: Watchpoint = { kind: "watch", number: 1, text: "", place, access: "change", condition: undefined, hits: 0 };
      const forward = await hitsOf(timeline, watch, "forward");
      expect(await hitsOf(timeline, watch, "back"), `${name}, ${address}`).toEqual(forward.toReversed());
      hits += forward.length;
    }
  }
  expect(hits).toBeGreaterThan(scenarios.length);
});
