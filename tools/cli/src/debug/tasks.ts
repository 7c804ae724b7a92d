// info tasks, task and info areas: who is there at this moment, and what memory they have.

import { formatRights, formatRange } from "../area-text.ts";
import { printable, quote } from "../printable.ts";
import { formatAddress, formatNumberOf } from "../quantity.ts";
import { Refusal } from "../refusal.ts";
import { formatTable } from "../table.ts";
import { answer } from "./answer.ts";
import { nothingToComplete, refuseRest } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";

const infoTasks: DebugCommand = {
  names: ["info tasks", "info threads", "info inferiors"],
  usage: "",
  summary: "list the tasks; * is the one you look at",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    const { state } = await session.view();
    const looked = session.chosenTask ?? state.running.at(0);
    const tasks = state.tasks.map((task, index) => ({
      index,
      pid: task.pid,
      parentPid: task.parentPid,
      state: task.state,
      areas: task.areas.length,
      checkCount: task.checkCount,
      processors: state.running.flatMap((running, processor) => (running === index ? [processor] : [])),
    }));
    const rows = tasks.map((task) => [
      task.index === looked ? "*" : "",
      `${task.index}`,
      `${task.pid}`,
      task.parentPid === 0 ? "-" : `${task.parentPid}`,
      task.state,
      `${task.areas}`,
      `${task.checkCount}`,
      task.processors.length === 0 ? "-" : task.processors.join(", "),
    ]);
    return answer(rows.length === 0 ? ["no tasks yet"] : formatTable(taskColumns, rows), { tasks, looked });
  },
};

const taskColumns = [
  { heading: [""], align: "left" },
  { heading: ["task"], align: "right" },
  { heading: ["pid"], align: "right" },
  { heading: ["parent"], align: "right" },
  { heading: ["state"], align: "left" },
  { heading: ["areas"], align: "right" },
  { heading: ["check_count"], align: "right" },
  { heading: ["on processor"], align: "left" },
] as const;

const task: DebugCommand = {
  names: ["task", "thread", "inferior"],
  usage: "[N|running]",
  summary: "look at the memory of task N, or of the one that runs",
  details: ["Unless a task is chosen, it is the one that processor 0 runs at each moment."],
  completions: async (session) => ["running", ...(await session.view()).state.tasks.map((_, index) => `${index}`)],
  async run(session, { rest }) {
    const view = await session.view();
    if (rest === "running") session.chosenTask = undefined;
    else if (rest !== "") session.chosenTask = parseTask(rest, view.state.tasks.length);
    const { index, task: looked } = session.taskIn(view);
    const how = session.chosenTask === undefined ? "the one that processor 0 runs" : "chosen";
    return answer([`task ${index} (pid ${looked.pid}), ${how}`], { task: index, pid: looked.pid });
  },
};

function parseTask(text: string, count: number): number {
  const index = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (index < count) return index;
  throw new Refusal(`expected a task of 0 to ${count - 1}, or running, found ${quote(text)}`);
}

const infoAreas: DebugCommand = {
  names: ["info areas", "info proc", "info proc mappings", "info mem"],
  usage: "",
  summary: "list the areas of the task's memory",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    refuseRest(input);
    const view = await session.view();
    const { task: looked } = session.taskIn(view);
    const rows = looked.areas.map(({ start, end, flags, offset, file, name }) => [
      formatRange(start, end),
      formatRights(flags),
      file === undefined ? "" : formatAddress(offset),
      printable(name),
    ]);
    const table = rows.length === 0 ? [] : formatTable(areaColumns, rows);
    const brk = `break ${formatAddress(looked.startBrk)}-${formatAddress(looked.brk)}`;
    return answer([...table, `${formatNumberOf(rows.length, "area")}, ${brk}`], {
      areas: looked.areas.map((area) => ({ ...area, rights: formatRights(area.flags) })),
      startBrk: looked.startBrk,
      brk: looked.brk,
    });
  },
};

const areaColumns = [
  { heading: ["addresses"], align: "left" },
  { heading: ["rights"], align: "left" },
  { heading: ["offset"], align: "right" },
  { heading: ["name"], align: "left" },
] as const;

/** In the order in which help lists them. */
export const taskCommands: readonly DebugCommand[] = [infoTasks, task, infoAreas];
