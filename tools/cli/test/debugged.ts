// A small recording, and the debugger run on it by scripts.

import { expect } from "vitest";
import { Desk, run } from "./command.ts";
import type { Run } from "./command.ts";
import { eventsOf, recordScenario } from "./recording.ts";
import type { EventJson } from "./recording.ts";

/** Where the recordings are: whoever imports this clears it. */
export const desk: Desk = new Desk();

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
/** Its area. */
export const A = 0x1000_0000;
export const bytes: Uint8Array = recordScenario(lines);
export const path: string = desk.put("small.plr", bytes);
export const events: readonly EventJson[] = await eventsOf(bytes);
export const end: number = events.length;
/** The same with loads. */
export const loaded: string = desk.put("loads.plr", recordScenario(lines, "recorded"));

/** Events of a kind at an address, in order. */
export function at(kind: string, vaddr?: number): readonly EventJson[] {
  return events.filter((event) => event.kind === kind && (vaddr === undefined || event.vaddr === vaddr));
}
export const stores: readonly EventJson[] = at("store", A);
export const lastStore: EventJson = stores[stores.length - 1];

/** Runs commands as a script on stdin. */
export function debug(commands: readonly string[], words: readonly string[] = [], file: string = path): Promise<Run> {
  return run(["debug", file, ...words], { stdin: Buffer.from(commands.join("\n")) });
}

/** The lines that commands print, none of which fails. */
export async function said(...commands: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await debug(commands);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

export interface AnswerJson {
  readonly command: string;
  readonly moment: number;
  readonly error?: string;
  readonly next?: EventJson;
  readonly event?: EventJson;
  readonly [name: string]: unknown;
}

/** What commands answer as JSON. */
export async function answers(commands: readonly string[], file: string = path): Promise<readonly AnswerJson[]> {
  const { stdout, stderr } = await debug(commands, ["--json"], file);
  expect(stderr).toBe("");
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line): AnswerJson => JSON.parse(line));
}

/** The moments after each command. */
export async function moments(...commands: readonly string[]): Promise<readonly number[]> {
  return (await answers(commands)).map(({ moment }) => moment);
}
