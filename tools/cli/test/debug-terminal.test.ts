// The debugger as a person meets it: a prompt, completion, history, Enter, ^C, on a terminal that python lends.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, bin, ls, shell } from "./command.ts";
import { recordScenario, recordTrace } from "./recording.ts";

const desk = new Desk();
afterAll(() => desk.clear());
const small = desk.put("small.plr", recordScenario(["map A 1 rw anon", "w A.0 1", "w A.0 2", "checkpoint K0"]));

/** Runs its arguments on a terminal of its own: what comes in is typed there, what is shown comes out. */
const terminal = `import pty, sys; sys.exit(pty.spawn(["sh", "-c", 'stty cols 100 rows 24; exec "$@"', "sh"] + sys.argv[1:]) >> 8)`;

/** What to type, each once the screen shows what is waited for. */
type Exchange = readonly (readonly [wait: string | RegExp, type: string])[];

/** The screen at the end, and the exit code. */
async function converse(
  exchange: Exchange,
  skip: (why: string) => void,
  { file = small, env = {} }: { readonly file?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly screen: string; readonly code: number | null }> {
  if ((await shell("python3 -c 'import pty'")).code !== 0) skip("no terminal to be had: there is no python3 with pty");
  const child = spawn("python3", ["-c", terminal, process.execPath, bin, "debug", file], {
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1", XDG_STATE_HOME: desk.path, ...env },
  });
  return new Promise((resolve, reject) => {
    let screen = "";
    let seen = 0;
    const left = [...exchange];
    const typeNext = (): void => {
      const [wait, typed] = left.at(0) ?? [undefined, ""];
      if (wait === undefined) return;
      const rest = screen.slice(seen);
      const at = typeof wait === "string" ? rest.indexOf(wait) : rest.search(wait);
      if (at < 0) return;
      seen = screen.length;
      left.shift();
      child.stdin.write(typed);
    };
    child.stdout.on("data", (block: Buffer) => {
      screen += block.toString();
      typeNext();
    });
    const patience = setTimeout(() => {
      child.kill();
      reject(new Error(`waited in vain for ${left.at(0)?.[0] ?? "the end"}; the screen shows\n${JSON.stringify(screen)}`));
    }, 20_000);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(patience);
      resolve({ screen, code });
    });
  });
}

const enter = "\r";
const tab = "\t";
const up = "\u001b[A";
const endOfInput = "\u0004";
const interrupt = "\u0003";

test("the prompt says how far one is and which event comes next, and ^D ends", async ({ skip }) => {
  const { screen, code } = await converse(
    [
      ["0% 0> ", `goto 50%${enter}`],
      [/5\d% \d+> /, `goto end${enter}`],
      [/100% \d+> /, endOfInput],
    ],
    skip,
  );
  expect(code).toBe(0);
  expect(screen).toContain("events of x86-64, 2 processors. help lists the commands.");
  expect(screen).toContain("the end of the recording");
});

test("Enter repeats, and list goes on where it ended", async ({ skip }) => {
  const { screen } = await converse(
    [
      ["0% 0> ", `si 2${enter}`],
      ["2> ", enter],
      ["4> ", `list 1${enter}`],
      ["4> ", enter],
      ["4> ", `quit${enter}`],
    ],
    skip,
  );
  expect(screen.match(/^ {4,}\d+ {2}[a-z]/gm)).toHaveLength(19);
});

test("Tab completes commands, kinds and marks", async ({ skip }) => {
  const { screen } = await converse(
    [
      ["0% 0> ", `mar${tab}`],
      ["mark ", `somewhere${enter}`],
      ["0> ", `si 3${enter}`],
      ["3> ", `goto some${tab}`],
      ["where", enter],
      ["0% 0> ", `break checkpoint-c${tab}`],
      ["ommitted", enter],
      ["0% 0> ", `info ${tab}${tab}`],
      ["info watchpoints", `\u0015quit${enter}`],
    ],
    skip,
  );
  expect(screen).toContain("goto somewhere");
  expect(screen).toContain("break 1, checkpoint-committed");
  for (const name of ["info areas", "info tlb", "info marks"]) expect(screen).toContain(name);
});

test("history goes on in the next session, and is the user's own", async ({ skip }) => {
  const state = join(desk.path, "state");
  await converse(
    [
      ["0> ", `goto 7${enter}`],
      ["7> ", `quit${enter}`],
    ],
    skip,
    { env: { XDG_STATE_HOME: state } },
  );
  expect(readFileSync(join(state, "pagelapse/debug-history"), "utf8")).toBe("goto 7\nquit\n");
  const { screen } = await converse(
    [
      ["0> ", `${up}${up}${enter}`],
      ["7> ", endOfInput],
    ],
    skip,
    { env: { XDG_STATE_HOME: state } },
  );
  expect(screen).toContain("7> ");
  const nowhere = desk.put("file", "");
  expect((await converse([["0> ", endOfInput]], skip, { env: { XDG_STATE_HOME: nowhere } })).code).toBe(0);
  expect(existsSync(join(nowhere, "pagelapse"))).toBe(false);
});

test("an error does not end the session", async ({ skip }) => {
  const { screen, code } = await converse(
    [
      ["0> ", `nonsense${enter}`],
      ["0> ", `si${enter}`],
      ["1> ", endOfInput],
    ],
    skip,
  );
  expect(screen).toContain('there is no command "nonsense"');
  expect(code).toBe(0);
});

test("^C ends a long search and leaves one where one was; at the prompt it wipes the line", async ({ skip }) => {
  const file = desk.put("ls.plr", recordTrace(ls));
  const { screen, code } = await converse(
    [
      ["0> ", `goto 60%${enter}`],
      ["60% ", `watch 0x1fff000000,4096 if value == 1 && value == 2${enter}`],
      [/60% [\d,]+> /, `rc${enter}`],
      // The bar shows that the search is under way.
      [/events, [\d,]+ a second/, interrupt],
      [/60% [\d,]+> /, "nonsense"],
      ["nonsense", interrupt],
      [/60% [\d,]+> /, `when${enter}`],
      [/60% [\d,]+> /, endOfInput],
    ],
    skip,
    { file },
  );
  expect(screen).toContain("interrupted; you are where you were");
  expect(screen).not.toContain("there is no command");
  expect(code).toBe(0);
});
