// Commands for marks: names for moments, to go to with goto.

import { quote } from "../printable.ts";
import { formatCount } from "../quantity.ts";
import { Refusal } from "../refusal.ts";
import { formatTable } from "../table.ts";
import { answer } from "./answer.ts";
import { nothingToComplete, refuseRest } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";
import { formatMoment, formatPercent } from "./moment-text.ts";
import { arrived } from "./moving.ts";
import type { Session } from "./session.ts";

const mark: DebugCommand = {
  names: ["mark", "checkpoint"],
  usage: "[NAME]",
  summary: "give this moment a name, or a number",
  details: [
    "goto NAME leads back here. gdb's checkpoint means the same; the images that the",
    "program's checkpoints made are listed by info checkpoints.",
  ],
  completions: nothingToComplete,
  async run(session, { rest }) {
    if (rest !== "" && !/^[a-z_][\w.-]{0,63}$/i.test(rest))
      throw new Refusal(`expected a name of letters, digits, ".", "_" and "-" that begins with a letter, found ${quote(rest)}`);
    if (rest === "start" || rest === "end")
      throw new Refusal(`expected a name of your own, found ${quote(rest)}, which is taken`);
    const name = rest === "" ? session.nextMarkName() : rest;
    session.marks.set(name, session.moment);
    return answer([`${name} is moment ${formatMoment(session, session.moment)}`], { name, moment: session.moment });
  },
};

const restart: DebugCommand = {
  names: ["restart"],
  usage: "MARK",
  summary: "go to a mark, which may be given by its number, as in gdb",
  details: [],
  completions: async (session) => [...session.marks.keys()],
  async run(session, { rest }) {
    session.moveTo(markNamed(session, rest).moment);
    return arrived(session);
  },
};

const deleteMark: DebugCommand = {
  names: ["delete mark", "delete checkpoint"],
  usage: "MARK",
  summary: "forget a mark",
  details: [],
  completions: async (session) => [...session.marks.keys()],
  async run(session, { rest }) {
    const { name } = markNamed(session, rest);
    session.marks.delete(name);
    return answer([`forgot ${name}`], { deleted: name });
  },
};

function markNamed(session: Session, text: string): { readonly name: string; readonly moment: number } {
  for (const name of [text, `#${text}`]) {
    const moment = session.marks.get(name);
    if (moment !== undefined) return { name, moment };
  }
  const known = [...session.marks.keys()].join(", ");
  throw new Refusal(`expected a mark (${known === "" ? "there is none" : known}), found ${quote(text)}`);
}

const infoMarks: DebugCommand = {
  names: ["info marks"],
  usage: "",
  summary: "list the marks",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    const marks = [...session.marks].toSorted(([, left], [, right]) => left - right);
    const rows = marks.map(([name, moment]) => [name, formatCount(moment), formatPercent(session, moment)]);
    const lines = rows.length === 0 ? ["no marks"] : formatTable(columns, rows);
    return answer(lines, { marks: marks.map(([name, moment]) => ({ name, moment })) });
  },
};

const columns = [
  { heading: ["mark"], align: "left" },
  { heading: ["moment"], align: "right" },
  { heading: [""], align: "right" },
] as const;

/** In the order in which help lists them. */
export const markCommands: readonly DebugCommand[] = [mark, restart, deleteMark, infoMarks];
