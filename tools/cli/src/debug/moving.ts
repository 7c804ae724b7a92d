// Commands that move by so many events, or to a moment: step, goto, back, forward, when.

import { answer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { nothingToComplete, parseTimes, refuseRest } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";
import { placeJson, placeLines } from "./event-line.ts";
import { formatMoment, momentNames, parseMoment } from "./moment-text.ts";
import { Refusal } from "../refusal.ts";
import { formatCount, formatNumberOf } from "../quantity.ts";
import type { Session } from "./session.ts";

/** Where one is after a command has moved. */
export async function arrived(session: Session, before: readonly string[] = [], value: object = {}): Promise<Answer> {
  return answer([...before, ...(await placeLines(session))], { ...value, ...(await placeJson(session)) });
}

const step: DebugCommand = {
  names: ["step", "stepi", "s", "si", "next", "nexti", "n", "ni"],
  usage: "[N]",
  summary: "go on by one event, or by N",
  details: [
    "An event is what an instruction is to gdb: nothing smaller happens. The event",
    "shown is the one that happens next.",
  ],
  completions: nothingToComplete,
  async run(session, input) {
    session.moveTo(Math.min(session.end, session.moment + parseTimes(input)));
    return arrived(session);
  },
};

const reverseStep: DebugCommand = {
  names: ["reverse-step", "reverse-stepi", "rs", "rsi", "reverse-next", "reverse-nexti", "rn", "rni"],
  usage: "[N]",
  summary: "go back by one event, or by N",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    session.moveTo(Math.max(0, session.moment - parseTimes(input)));
    return arrived(session);
  },
};

const goTo: DebugCommand = {
  names: ["goto", "run"],
  usage: "MOMENT",
  summary: "go to a moment: 24,433, 40%, +100, start, end or a mark",
  details: ["A moment is how many events came before. Every moment is as near as every other."],
  completions: async (session) => momentNames(session),
  async run(session, { rest }) {
    if (rest === "") throw new Refusal("expected a moment, found nothing");
    session.moveTo(parseMoment(session, rest));
    return arrived(session);
  },
};

const back: DebugCommand = {
  names: ["back"],
  usage: "",
  summary: "go where you were before",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    session.retrace("back");
    return arrived(session);
  },
};

const forward: DebugCommand = {
  names: ["forward"],
  usage: "",
  summary: "undo back",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    session.retrace("forward");
    return arrived(session);
  },
};

const when: DebugCommand = {
  names: ["when"],
  usage: "",
  summary: "say where you are",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    const { state } = await session.view();
    const tasks = state.running.map(
      (task, processor) => `processor ${processor} runs task ${task} (pid ${state.tasks[task].pid})`,
    );
    const place = `moment ${formatMoment(session, session.moment)} of ${formatCount(session.end)}`;
    const lines = [place, ...tasks, `${formatNumberOf(state.checkpoints.length, "checkpoint")} so far`];
    return answer([...lines, ...(await placeLines(session))], {
      ...(await placeJson(session)),
      running: state.running,
      checkpoints: state.checkpoints.length,
    });
  },
};

/** In the order in which help lists them. */
export const movingCommands: readonly DebugCommand[] = [step, reverseStep, goTo, back, forward, when];
