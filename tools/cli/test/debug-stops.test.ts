// Watchpoints and breakpoints, held to the events of the recording.

import { catalogue } from "@pagelapse/events";
import type { KindName } from "@pagelapse/events";
import { afterAll, describe, expect, test } from "vitest";
import { A, answers, at, debug, desk, end, events, loaded, moments, said, stores } from "./debugged.ts";
import type { EventJson } from "./recording.ts";

afterAll(() => desk.clear());

describe("stopping", () => {
  const changes = [stores[0], stores[1], stores[2]];

  test("a watchpoint stops behind each write that changes the value, and in reverse before it", async () => {
    const found = await moments(`goto ${stores[0].moment}`, `watch ${A}`, "c", "c", "c", "c", "rc", "rc", "rc");
    const [first, second, third] = changes.map(({ moment }) => moment);
    expect(found.slice(2, 6)).toEqual([first + 1, second + 1, third + 1, end]);
    expect(found.slice(6)).toEqual([third, second, first]);
  });

  test("a watchpoint is not misled by a copy of the page or by a store of the same value", async () => {
    // After the fork the page is copied; the last store repeats what is there.
    expect(at("frame-copied", A)).toHaveLength(1);
    expect(stores).toHaveLength(4);
    const [, , hit] = await answers([`goto ${stores[1].moment + 1}`, `watch ${A},8`, "c"]);
    expect(hit["stops"]).toEqual([
      { number: 1, kind: "watch", event: stores[2], before: "8977665544332211", after: "0377665544332211" },
    ]);
  });

  test("a watchpoint follows a page that is swapped out", async () => {
    const second = at("store", A + 4096)[0];
    expect(at("entry-swapped").length).toBeGreaterThan(0);
    const found = await answers([
      `goto ${second.moment + 1}`,
      `watch ${A} + 4096`,
      `awatch ${A + 4096}`,
      "delete 1",
      "c",
      "delete",
      `watch ${A + 4096}`,
      "c",
    ]);
    // Bringing the page back writes its frame, though not its value: that is an access.
    expect(found[4].moment).toBeLessThan(end);
    // What is not mapped has no value: that it is unmapped is no change of it.
    expect(found[7].moment).toBe(end);
  });

  test("a condition asks for the new value, and for the old one", async () => {
    const [third] = (await moments(`watch ${A},1 if value == 3`, "goto 1", "c")).slice(2);
    expect(third).toBe(stores[2].moment + 1);
    const found = await moments("goto 1", `watch ${A},1 if old == 0x88 && value != 0`, "c", "c");
    expect(found.slice(2)).toEqual([stores[1].moment + 1, end]);
  });

  test("a breakpoint stops before its event in both directions", async () => {
    const found = await moments("break store", "c", "c", "c 2", "rc", "rc 2");
    const all = at("store").map(({ moment }) => moment);
    expect(found.slice(1)).toEqual([all[0], all[1], all[3], all[2], all[0]]);
  });

  test("64 bits of a value are compared exactly", async () => {
    const exact = "0x7fffffffffffffff";
    const found = await moments(
      `break store if value == ${exact}`,
      "c",
      "delete",
      "goto start",
      "break if value == 0x7ffffffffffffffe",
      "c",
    );
    expect([found[1], found[5]]).toEqual([at("store", A + 4096)[0].moment, end]);
  });

  test.each([
    ["break store,page-saved", (event: EventJson) => event.kind === "store" || event.kind === "page-saved"],
    [`break at ${A + 1}`, (event: EventJson) => touches(event, A + 1, A + 2)],
    [`break store at ${A},8`, (event: EventJson) => event.kind === "store" && touches(event, A, A + 8)],
    ["break if task == 1", (event: EventJson) => event.task === 1],
    [
      "break if kind == checkpoint-committed || moment == 7",
      (event: EventJson) => event.kind === "checkpoint-committed" || event.moment === 7,
    ],
    ["break if !(moment > 2) && moment*2-1 == 3", (event: EventJson) => event.moment === 2],
    ["break *0x40 if moment > 4", () => false],
  ] as const)("%s stops at exactly those events", async (command, isMeant) => {
    const expected = events
      .filter(({ moment }) => moment > 0)
      .filter(isMeant)
      .map(({ moment }) => moment);
    const times = expected.length + 1;
    const found = await moments(command, ...Array.from({ length: times }, () => "c"));
    expect(found.slice(1)).toEqual([...expected, end]);
    const back = await moments("goto end", command, ...Array.from({ length: times }, () => "rc"));
    expect(back.slice(2)).toEqual([...expected.toReversed(), 0]);
  });

  test("stops that meet at a moment are all told, the nearest of others wins", async () => {
    const [, , , hit] = await answers(["break store", `break at ${A}`, `goto ${stores[0].moment - 1}`, "c"]);
    expect(hit["stops"]).toMatchObject([{ number: 1 }, { number: 2 }]);
    const [, , , near] = await answers(["break checkpoint-begun", "break store", "goto 1", "c"]);
    expect(near.moment).toBe(at("store")[0].moment);
  });

  test("loads stop where they were recorded, and where not that is said", async () => {
    const { code, stderr } = await debug([`goto end`, `rwatch ${A}`]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "this recording has no loads: record it with --loads to stop at them\n",
    });
    expect((await said("goto 50%", `awatch ${A}`))[1]).toContain("has no loads");
    const found = await answers(["goto 50%", `rwatch ${A + 4096},1`, "goto start", "c", "rc", "rc"], loaded);
    expect(found[3]["stops"]).toMatchObject([{ event: { kind: "load", vaddr: A + 4096 } }]);
    expect([found[4].moment, found[5].moment]).toEqual([found[3].moment - 1, 0]);
  });

  test("stops are listed with how often they were reached, and deleted by number", async () => {
    const printed = await said(
      "break store",
      "goto 50%",
      `watch ${A},4 if value == 3`,
      "goto 1",
      "c",
      "info b",
      "d 1",
      "info watchpoints",
      "delete",
      "info b",
    );
    expect(printed.filter((line) => !line.startsWith("=>"))).toEqual([
      "break 1, store",
      "watch 2, 0x10000000 (4 bytes) if value == 3",
      "break 1, store",
      "break 1, store, reached once",
      "watch 2, 0x10000000 (4 bytes) if value == 3",
      "deleted break 1, store, reached once",
      "watch 2, 0x10000000 (4 bytes) if value == 3",
      "deleted watch 2, 0x10000000 (4 bytes) if value == 3",
      "no watchpoints and no breakpoints",
    ]);
  });
});

function touches({ kind, vaddr = 0, length = 1 }: EventJson, start: number, stop: number): boolean {
  const isMemory = kind === "load" || catalogue[kind as KindName].role === "memory";
  return vaddr < stop && vaddr + (isMemory ? length : 1) > start;
}
