// The debugger driven by scripts, and each answer held to the events of the recording.

import { catalogue, kindNames } from "@pagelapse/events";
import type { KindName } from "@pagelapse/events";
import { afterAll, describe, expect, test } from "vitest";
import { Desk, run } from "./command.ts";
import type { Run } from "./command.ts";
import { eventsOf, recordScenario, timelineOf } from "./recording.ts";
import type { EventJson } from "./recording.ts";

const desk = new Desk();
afterAll(() => desk.clear());

// A.0 is copied on write after the fork, A.1 swapped out and brought back.
const lines = [
  "map A 2 rw anon",
  "w A.0 0x8877665544332211",
  "w A.1 0xffffffffffffff7f",
  "checkpoint K0",
  "w A.0 0x8977665544332211",
  "fork 7",
  "w A.0 3",
  "w A.0 3",
  "swapout A.1",
  "r A.1",
  "checkpoint K1",
  "unmap A.1",
];
const A = 0x1000_0000;
const bytes = recordScenario(lines);
const path = desk.put("small.plr", bytes);
const events = await eventsOf(bytes);
const end = events.length;
const loaded = desk.put("loads.plr", recordScenario(lines, "recorded"));

/** Events of a kind at an address, in order. */
function at(kind: string, vaddr?: number): readonly EventJson[] {
  return events.filter((event) => event.kind === kind && (vaddr === undefined || event.vaddr === vaddr));
}
const stores = at("store", A);
const lastStore = stores[stores.length - 1];

/** Runs commands as a script on stdin. */
function debug(commands: readonly string[], words: readonly string[] = [], file: string = path): Promise<Run> {
  return run(["debug", file, ...words], { stdin: Buffer.from(commands.join("\n")) });
}

/** The lines that commands print, none of which fails. */
async function said(...commands: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await debug(commands);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

interface AnswerJson {
  readonly command: string;
  readonly moment: number;
  readonly error?: string;
  readonly next?: EventJson;
  readonly event?: EventJson;
  readonly [name: string]: unknown;
}

/** What commands answer as JSON. */
async function answers(commands: readonly string[], file: string = path): Promise<readonly AnswerJson[]> {
  const { stdout, stderr } = await debug(commands, ["--json"], file);
  expect(stderr).toBe("");
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line): AnswerJson => JSON.parse(line));
}

/** The moments after each command. */
async function moments(...commands: readonly string[]): Promise<readonly number[]> {
  return (await answers(commands)).map(({ moment }) => moment);
}

describe("moving", () => {
  test("a step is an event, and back is as near as forward", async () => {
    const found = await moments("si", "step 4", "rsi", "reverse-stepi 2", "s 1000000", "rs 1000000");
    expect(found).toEqual([1, 5, 4, 2, end, 0]);
  });

  test("a moment is a number, a share, a distance, an end or a mark", async () => {
    const found = await moments(
      "goto 50%",
      "mark middle",
      "run 3",
      "goto +4",
      "goto -2",
      "goto end",
      "goto middle",
      "goto start",
      "goto .",
    );
    const middle = Math.ceil(end / 2);
    expect(found).toEqual([middle, middle, 3, 7, 5, end, middle, 0, 0]);
  });

  test("what is shown is the event that happens next", async () => {
    const [place, after] = await answers([`goto ${lastStore.moment}`, "s"]);
    expect(place.next).toEqual(lastStore);
    expect(after.next).toEqual(events[lastStore.moment + 1]);
  });

  test("the ends say that they are ends", async () => {
    const printed = await said("goto end", "s", "c", "goto start", "rs", "rc");
    expect(printed.filter((line) => line === "the end of the recording")).toHaveLength(3);
    expect(printed.filter((line) => line === "the beginning of the recording")).toHaveLength(3);
  });

  test("back and forward go through the places one was at", async () => {
    expect(await moments("goto 5", "goto 9", "back", "back", "forward", "forward", "back", "goto 7", "back")).toEqual([
      5, 9, 5, 0, 5, 9, 5, 7, 5,
    ]);
    expect((await debug(["back"])).stderr).toBe("this is where the session began\n");
    expect((await debug(["goto 5", "back", "goto 6", "forward"])).stderr).toBe("this is the last place you were at\n");
  });

  test("marks have names or numbers, and restart takes either", async () => {
    const found = await moments(
      "goto 4",
      "checkpoint",
      "goto 8",
      "mark here",
      "restart 1",
      "restart here",
      "goto #1",
      "info marks",
    );
    expect(found).toEqual([4, 4, 8, 8, 4, 8, 4, 4]);
    const printed = await said(
      "goto 4",
      "checkpoint",
      "mark b",
      "info marks",
      "delete mark b",
      "delete checkpoint 1",
      "info marks",
    );
    expect(printed.slice(1).map((line) => line.replace(/ +/g, " "))).toEqual([
      `#1 is moment 4 (${((4 / end) * 100).toFixed(2)} %)`,
      `b is moment 4 (${((4 / end) * 100).toFixed(2)} %)`,
      "mark moment",
      `#1 4 ${((4 / end) * 100).toFixed(2)} %`,
      `b 4 ${((4 / end) * 100).toFixed(2)} %`,
      "forgot b",
      "forgot #1",
      "no marks",
    ]);
  });
});

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
    // The next change is that it is gone.
    const gone = events.slice(0, found[7].moment).at(-1);
    expect(["entry-unmapped", "area-unmapped"]).toContain(gone?.kind);
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
    // The byte above the one that was stored to came along when the page was copied.
    const [, found] = await answers(["goto end", `why ${A} + 1`]);
    const chain = found["chain"] as readonly EventJson[];
    expect(chain.map(({ kind }) => kind)).toEqual(["frame-copied", "store"]);
    expect(chain[1]).toEqual(stores[1]);
    const [, swapped] = await answers([`goto ${at("page-saved").at(-1)?.moment}`, `why ${A + 4096}`]);
    const back = swapped["chain"] as readonly EventJson[];
    expect(back.at(-1)).toEqual(at("store", A + 4096)[0]);
    expect(back.length).toBeGreaterThan(1);
  });
});

describe("the session", () => {
  test("help names every command, explains each, and fits 80 columns", async () => {
    const [overview, kinds] = await answers(["help", "help kinds"]);
    const listed = overview["commands"] as readonly { readonly names: readonly string[] }[];
    expect(kinds["kinds"]).toHaveLength(kindNames().length);
    const names = listed.flatMap((command) => command.names);
    for (const name of [
      "si",
      "rsi",
      "c",
      "rc",
      "watch",
      "rwatch",
      "awatch",
      "break",
      "delete",
      "goto",
      "run",
      "when",
      "mark",
      "checkpoint",
      "restart",
      "back",
      "forward",
      "x",
      "info areas",
      "info proc mappings",
      "info checkpoints",
      "info tlb",
      "info tasks",
      "task",
      "pt",
      "last",
      "next-write",
      "why",
      "diff",
      "find",
      "list",
      "help",
    ])
      expect(names).toContain(name);
    const printed = await said("help", ...names.map((name) => `help ${name}`));
    expect(printed.filter((line) => line.length > 80)).toEqual([]);
  });

  test("a command may be cut where no other begins so", async () => {
    expect(await moments("got 5", "rev-step", "reverse-step", "i b").catch(() => [])).toHaveLength(2);
    const { stderr } = await debug(["re 1"]);
    expect(stderr).toBe('"re" may be reverse-step, reverse-stepi, reverse-next, reverse-nexti, reverse-continue, restart\n');
    expect(await moments("info ar", "i mar", "goto 5").catch(() => [])).toHaveLength(1);
  });

  test.each([
    ["fro", 'there is no command "fro": help lists the commands'],
    ["contniue", 'there is no command "contniue": did you mean continue?'],
    ["si 0", 'expected a count of at least 1, found "0"'],
    ["goto 99999999", `expected a moment of 0 to ${end}, found "99999999"`],
    ["goto 101%", `expected a moment of 0 to ${end}, found "101%"`],
    ["goto stat", 'expected a moment such as 1,000, 40%, +10, end or a mark, found "stat" (did you mean start?)'],
    ["x 4", "there is no task yet at this moment"],
    ["break stoer", 'expected a kind of event, found "stoer" (did you mean store?)'],
    [
      "break if taks == 1",
      'expected value, old, kind, task, processor, vaddr, paddr, length, site, origin, moment or a kind of event, found "taks" (did you mean task?)',
    ],
    ["break if (1", "expected a closing parenthesis, found the end"],
    ["break if 1 +", "expected a number or a name, found the end"],
    ["delete 3", 'expected the number of a stop (there is none), found "3"'],
    ["restart 3", 'expected a mark (there is none), found "3"'],
    ["mark 3", 'expected a name of letters, digits, ".", "_" and "-" that begins with a letter, found "3"'],
    ["xp 0xffffffff", "expected physical memory below 0x108000, found 0xffffffff"],
    ["info areas now", 'expected nothing more, found "now"'],
  ])("%j fails in one line, and ends a script with exit code 1", async (command, line) => {
    expect(await debug([command, "goto 5"])).toEqual({ code: 1, stdout: "", stderr: `${line}\n` });
  });

  test("-ex commands come first, and --batch reads no others", async () => {
    const { code, stdout } = await run(["debug", path, "--batch", "-ex", "goto 3", "--ex", "si"], {
      stdin: Buffer.from("goto 9\n"),
    });
    expect([code, stdout.split("\n").length]).toEqual([0, 3]);
    const both = await debug(["# a comment", "", "si"], ["-ex", "goto 3", "--json"]);
    expect(both.stdout.match(/"moment":\d+/g)?.filter((_, index) => index % 2 === 0)).toHaveLength(2);
    expect((await run(["debug", path, "--batch", "-ex", "nonsense", "-ex", "si"])).code).toBe(1);
    expect((await debug(["quit", "nonsense"])).code).toBe(0);
  });

  test("in JSON a failure is an answer, too", async () => {
    const { code, stdout, stderr } = await debug(["goto 5", "goto nowhere", "si"], ["--json"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(
      stdout
        .split("\n")
        .slice(0, -1)
        .map((line): AnswerJson => JSON.parse(line)),
    ).toMatchObject([
      { moment: 5 },
      { command: "goto nowhere", moment: 5, error: expect.stringContaining("expected a moment") as string },
    ]);
  });

  test("what is no recording is refused in one line", async () => {
    expect(await debug([], [], desk.put("none.plr", "text"))).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^pagelapse: .*none\.plr: offset 0: expected .*\n$/) as string,
    });
    expect((await debug([], [], `${desk.path}/absent`)).stderr).toMatch(
      /absent: expected a recording, found no such file or directory \(ENOENT\)\n$/,
    );
  });
});
