// What the debugger shows and answers at a moment, held to the recording.

import { afterAll, describe, expect, test } from "vitest";
import { A, answers, at, bytes, debug, desk, events, lastStore, said, stores } from "./debugged.ts";
import { timelineOf } from "./recording.ts";
import type { EventJson } from "./recording.ts";

afterAll(() => desk.clear());

describe("looking", () => {
  const [, second] = stores;
  const here = `goto ${second.moment + 1}`;

  test("x has gdb's formats", async () => {
    const printed = await said(
      here,
      `x/2xg ${A}`,
      `x/2dw ${A}`,
      `x/1ub ${A}`,
      `x/1oh ${A}`,
      `x/1tb ${A}`,
      `x/2c ${A}`,
      `x/1a ${A}`,
      `x/s ${A}`,
    );
    expect(printed.slice(1)).toEqual([
      "0x10000000:  0x1122334455667789  0x0000000000000000",
      "0x10000000:  1432778633  287454020",
      "0x10000000:  137",
      "0x10000000:  073611",
      "0x10000000:  10001001",
      "0x10000000:  -119 '\\211'  119 'w'",
      "0x10000000:  0x1122334455667789",
      '0x10000000:  "\\211wfUD3\\"\\021"',
    ]);
  });

  test("x shows what it can before what is not mapped, and physical memory with xp", async () => {
    const printed = await said(here, `x/4xg ${A + 8192 - 16}`);
    expect(printed.slice(1)).toEqual([
      "0x10001ff0:  0x0000000000000000  0x0000000000000000",
      "cannot access memory at address 0x10002000",
    ]);
    expect((await debug([here, "x 0x40"])).stderr).toBe("cannot access memory at address 0x40\n");
    const [, physical] = await answers([here, `xp/1xg ${second.paddr}`]);
    expect(physical["units"]).toEqual([{ address: second.paddr, bytes: "8977665544332211" }]);
  });

  test("areas, tasks and checkpoints are listed as the state has them", async () => {
    const timeline = await timelineOf(bytes);
    const { state } = await timeline.at(second.moment);
    const [, areas] = await answers([`goto ${second.moment}`, "info proc mappings"]);
    expect(areas["areas"]).toMatchObject([{ start: A, end: A + 8192, rights: "rw-p" }]);
    expect((await said(here, "info areas")).slice(1)).toEqual([
      "addresses              rights  offset  name",
      "0x10000000-0x10002000  rw-p",
      "1 area, break 0x8000000-0x8000000",
    ]);
    const [, tasks] = await answers(["goto end", "info tasks"]);
    expect(tasks["tasks"]).toMatchObject([
      { index: 0, state: "alive" },
      { index: 1, pid: 7 },
    ]);
    const [checkpoints] = await answers(["info checkpoints"]);
    const begun = at("checkpoint-begun");
    const committed = at("checkpoint-committed");
    expect(checkpoints["checkpoints"]).toMatchObject(
      begun.map(({ moment }, index) => ({ begun: moment, ended: committed[index].moment })),
    );
    expect(state.checkpoints).toHaveLength(1);
    expect((await said(here, "info images")).filter((line) => line.startsWith("*"))).toHaveLength(1);
  });

  test("of a page each checkpoint says whether it saved it, and whether it is as now", async () => {
    const [, now, other] = await answers(["goto end", `info checkpoints ${A} + 5`, `info checkpoints ${A + 4096}`]);
    expect(now["page"]).toEqual({ task: 0, vaddr: A });
    // What K0 has was stored to since; K1 has what is there.
    expect(now["checkpoints"]).toMatchObject([
      { isSaved: true, isSame: false },
      { isSaved: true, isSame: true },
    ]);
    expect(other["checkpoints"]).toHaveLength(2);
    const [title, , first] = (await said("goto end", `info images ${A}`)).slice(1);
    expect(title).toBe("page 0x10000000:");
    expect(first).toMatch(/^\* .* saved +not as now$/);
  });

  test("another task has memory of its own", async () => {
    const [, parent, chosen, child, , again] = await answers([
      "goto end",
      `x/1ub ${A}`,
      "task 1",
      `x/1ub ${A}`,
      "task running",
      `x/1ub ${A}`,
    ]);
    expect(parent["units"]).toEqual([{ address: A, bytes: "03" }]);
    expect(chosen).toMatchObject({ task: 1, pid: 7 });
    expect(child["units"]).toEqual([{ address: A, bytes: "89" }]);
    expect(again["units"]).toEqual(parent["units"]);
  });

  test("pt walks the tables of the moment, and says where a page is that they do not map", async () => {
    const [, found] = await answers([here, `pt ${A} + 3`]);
    expect(found).toMatchObject({
      vaddr: "0x0000000010000003",
      paddr: `0x${((second.paddr ?? 0) + 3).toString(16)}`,
      page: { write: true },
    });
    const swapped = at("entry-swapped")[0].moment + 1;
    const printed = await said(`goto ${swapped}`, `pt ${A + 4096}`);
    expect(printed.at(-2)).toMatch(/^not mapped: P is clear/);
    const place = /^its bytes stand at physical (0x[0-9a-f]+)$/.exec(printed.at(-1) ?? "")?.[1] ?? "";
    expect((await said(`goto ${swapped}`, `xp/1xg ${place}`)).at(-1)).toBe(`${place}:  0x7fffffffffffffff`);
  });

  test("info tlb is what the processors remember", async () => {
    const timeline = await timelineOf(bytes);
    const [, found] = await answers([here, "info tlb"]);
    const slots = (await timeline.tlbs(second.moment + 1)).flatMap((tlb, processor) =>
      tlb.contents().map(({ slot, vpn }) => ({ processor, slot, vaddr: vpn * 4096 })),
    );
    expect(slots.length).toBeGreaterThan(0);
    expect(found["slots"]).toMatchObject(slots);
    expect((await said(here, "info tlb")).at(-1)).toBe(`${slots.length === 1 ? "1 entry" : `${slots.length} entries`} of 32`);
  });

  test("list shows the events around here, then those behind", async () => {
    const [, around, more, some] = await answers(["goto 20", "list", "list 25 27", "list 1"]);
    expect(around["events"]).toEqual(events.slice(15, 25));
    expect(more["events"]).toEqual(events.slice(25, 27));
    expect(some["events"]).toEqual(events.slice(0, 10));
    expect((await said("goto 20", "list")).filter((line) => line.startsWith("=>"))).toHaveLength(2);
    expect((await said("goto end", "list")).at(-1)).toBe("   the end of the recording");
  });

  test("find finds bytes at any place, and no others", async () => {
    const [, , numbers, text, none] = await answers([
      here,
      "info areas",
      `find/b ${A}, +0x2000, 0x89, 0x77`,
      `find/1 ${A}, ${A + 8192}, "wfUD"`,
      `find/g ${A}, +4096, 3`,
    ]);
    expect([numbers["found"], text["found"], none["found"]]).toEqual([[A], [A + 1], []]);
  });

  test("diff tells pages, areas and state of two moments", async () => {
    const [found] = await answers([`diff ${stores[1].moment} end`]);
    expect(found["pages"]).toContainEqual({ vaddr: A, kind: "changed", offset: 0, byteCount: 1 });
    expect(found["areasBefore"]).toMatchObject([{ start: A, end: A + 8192 }]);
    expect(found["areasAfter"]).toMatchObject([{ start: A, end: A + 4096 }]);
    expect((await said("goto end", "diff end")).at(-1)).toBe("nothing is different");
  });
});

describe("asking", () => {
  test("last and next-write name the write", async () => {
    const [, last, next] = await answers([`goto ${stores[1].moment}`, `last ${A}`, `next-write ${A},8`]);
    expect([last.event, next.event]).toEqual([stores[0], stores[1]]);
    const printed = await said(`goto ${lastStore.moment + 1}`, `last ${A}`, `next-write ${A} + 100`);
    expect(printed.slice(-2)).toEqual([
      `1 event before this moment: goto ${lastStore.moment}`,
      "never written after this moment",
    ]);
    expect((await said(`goto ${lastStore.moment}`, `last -p ${lastStore.paddr}`))[2]).toMatch(/events? before this moment/);
  });

  test("why follows copies back to the store that made the value", async () => {
    interface Step {
      readonly role: string;
      readonly event: EventJson;
    }
    const [, found] = await answers(["goto end", `why ${A} + 1`]);
    const chain = found["chain"] as readonly Step[];
    // The byte beside the one that was stored to came along when the page was copied, in a page fault.
    expect(chain.map(({ role, event }) => `${role} ${event.kind}`)).toEqual([
      "fault page-faulted",
      "entry entry-mapped",
      "bytes frame-copied",
      "bytes store",
    ]);
    expect(chain[3].event).toEqual(stores[1]);
    expect((await said("goto end", `why ${A} + 1`)).at(-1)).toBe(
      `the byte was written at moment ${stores[1].moment}: goto ${stores[1].moment}`,
    );
    const [, swapped] = await answers([`goto ${at("page-saved").at(-1)?.moment}`, `why ${A + 4096}`]);
    const back = swapped["chain"] as readonly Step[];
    expect(back.at(-1)?.event).toEqual(at("store", A + 4096)[0]);
    expect(back.length).toBeGreaterThan(1);
    expect((await said(`goto ${stores[0].moment}`, "why 0x20000000")).at(-1)).toMatch(/^no frame holds it/);
  });
});
