// The debugger driven by scripts: moving about, and the session itself.

import { kindNames } from "@pagelapse/events";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "./command.ts";
import { answers, debug, desk, end, events, lastStore, moments, path, said } from "./debugged.ts";
import type { AnswerJson } from "./debugged.ts";

afterAll(() => desk.clear());

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
