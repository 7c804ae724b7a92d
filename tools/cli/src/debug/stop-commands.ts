// Commands that set, list and delete stops: watch, rwatch, awatch, break, delete, info watchpoints, info breakpoints.

import { kindNames } from "@pagelapse/events";
import { parseKind } from "../kind-choice.ts";
import { quote } from "../printable.ts";
import { Refusal } from "../refusal.ts";
import { areaNames, parseAddressText } from "./address.ts";
import { answer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { nothingToComplete, refuseRest } from "./command-line.ts";
import type { DebugCommand, Input } from "./command-line.ts";
import { parseCondition, subjectNames } from "./condition.ts";
import type { Condition } from "./condition.ts";
import { parseRange, rangeUsage } from "./range-text.ts";
import type { Session } from "./session.ts";
import type { Breakpoint, Stop, WatchedAccess } from "./stop.ts";
import { stopJson, stopLine, stopNumbered } from "./stop-text.ts";

function watchCommand(name: string, access: WatchedAccess, summary: string, details: readonly string[]): DebugCommand {
  return {
    names: [name],
    usage: `${rangeUsage} [if CONDITION]`,
    summary,
    details,
    completions: async (session) => areaNames((await session.looked()).areas),
    run: (session, input) => setWatch(session, access, input),
  };
}

const watchDetails = [
  "ADDR is of the task you look at, or of physical memory with -p; N is 8 unless",
  "given.",
  "Pages are followed when they are copied, migrated or swapped; what is not mapped",
  "has no value. A condition asks for",
  ...Object.entries(subjectNames).map(([name, meaning]) => `  ${name.padEnd(10)} ${meaning}`),
  "with == != < <= > >= + - * && || ! and parentheses.",
];

const watch = watchCommand("watch", "change", "stop where bytes change", watchDetails);
const readWatch = watchCommand("rwatch", "load", "stop where bytes are loaded", [
  "Loads must have been recorded: replay --record FILE --loads.",
]);
const accessWatch = watchCommand("awatch", "access", "stop where bytes are written or loaded, changed or not", []);

async function setWatch(session: Session, access: WatchedAccess, { rest }: Input): Promise<Answer> {
  const [range, condition] = splitCondition(rest);
  const place = await parseRange(session, range, 8);
  const warnings = access === "change" || (await hasLoads(session)) ? [] : [noLoads];
  if (access === "load" && warnings.length > 0) throw new Refusal(noLoads);
  const stop: Stop = { kind: "watch", number: session.nextStopNumber(), text: rest, place, access, condition, hits: 0 };
  session.stops.push(stop);
  return answer([...warnings, stopLine(stop)], stopJson(stop));
}

const noLoads = "this recording has no loads: record it with --loads to stop at them";

async function hasLoads({ timeline }: Session): Promise<boolean> {
  return (await timeline.find({ from: 0, direction: "forward", kinds: ["load"] })).kind === "found";
}

function splitCondition(text: string): readonly [before: string, condition: Condition | undefined] {
  const [, before, condition] = /^(.*?)\bif\b(.*)$/.exec(text) ?? [undefined, text, undefined];
  return [before.trim(), condition === undefined ? undefined : parseCondition(condition)];
}

const breakAt: DebugCommand = {
  names: ["break", "b"],
  usage: "[KIND,...] [at ADDR[,N]] [*SITE] [if CONDITION]",
  summary: "stop before events: of a kind, at an address, ...",
  details: [
    "  break page-faulted               break store at [heap],4096",
    "  break *0x4008d62                 break store if value == 3 && task == 2",
    "Each part is optional, one must be there. help watch says what a condition asks",
    "for; help kinds lists the kinds of event.",
  ],
  completions: async () => kindNames(),
  async run(session, { rest }) {
    const stop = await parseBreak(session, rest);
    session.stops.push(stop);
    return answer([stopLine(stop)], stopJson(stop));
  },
};

async function parseBreak(session: Session, text: string): Promise<Breakpoint> {
  if (text === "") throw new Refusal("expected a kind of event, an address, an instruction or a condition, found nothing");
  const [parts, condition] = splitCondition(text);
  const [, kindText, atText, siteText] = /^([a-z-]+(?:\s*,\s*[a-z-]+)*(?=\s|$))?\s*(?:\bat\s+([^*]+?))?\s*(?:\*(.+))?$/.exec(
    parts.replace(/^at\b/, " at"),
  ) ?? [undefined, undefined, undefined, undefined];
  if (parts !== "" && kindText === undefined && atText === undefined && siteText === undefined)
    throw new Refusal(`expected KIND, at ADDR, *SITE or if CONDITION, found ${quote(text)}`);
  const kinds = kindText?.split(",").map((word) => parseKind(word.trim()));
  const at = atText === undefined ? undefined : await parseRange(session, atText, 1);
  if (at?.space === "physical") throw new Refusal("expected a virtual address behind at, found -p: ask for paddr in a condition");
  return {
    kind: "break",
    number: session.nextStopNumber(),
    text,
    kinds,
    site: siteText === undefined ? undefined : parseAddressText(siteText, (await session.looked()).areas),
    range: at && { start: at.address, end: at.address + at.byteCount },
    condition,
    hits: 0,
  };
}

const deleteStop: DebugCommand = {
  names: ["delete", "d"],
  usage: "[NUMBER ...]",
  summary: "delete stops, all of them unless numbers are given",
  details: [],
  completions: async (session) => session.stops.map(({ number }) => `${number}`),
  async run(session, { rest }) {
    const words = rest.split(/[\s,]+/).filter((word) => word !== "");
    const meant = words.length === 0 ? [...session.stops] : words.map((word) => stopFor(session, word));
    for (const stop of meant) session.stops.splice(session.stops.indexOf(stop), 1);
    const lines = meant.length === 0 ? ["there is none"] : meant.map((stop) => `deleted ${stopLine(stop)}`);
    return answer(lines, { deleted: meant.map(({ number }) => number) });
  },
};

function stopFor(session: Session, word: string): Stop {
  const stop = /^\d{1,9}$/.test(word) ? stopNumbered(session, Number(word)) : undefined;
  if (stop !== undefined) return stop;
  const known = session.stops.map(({ number }) => number).join(", ");
  throw new Refusal(`expected the number of a stop (${known === "" ? "there is none" : known}), found ${quote(word)}`);
}

const infoStops: DebugCommand = {
  names: ["info breakpoints", "info watchpoints"],
  usage: "",
  summary: "list the stops",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    const lines = session.stops.length === 0 ? ["no watchpoints and no breakpoints"] : session.stops.map(stopLine);
    return answer(lines, { stops: session.stops.map(stopJson) });
  },
};

/** In the order in which help lists them. */
export const stopCommands: readonly DebugCommand[] = [watch, readWatch, accessWatch, breakAt, deleteStop, infoStops];
