// The folder that checkpoint files go to: a room for each strategy, gone again when the run ends early.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Strategy } from "@pagelapse/checkpoint";
import { atEarlyEnd } from "../early-end.ts";
import { refusal, systemRefusal } from "../refusal.ts";
import { strategyNames } from "../strategy-choice.ts";

/** Where the files of a run are. */
export interface OutputFolder {
  readonly path: string;
  /** The folder of a strategy; it exists, and is empty. */
  room(strategy: string): string;
  /** The run has come to its end: its files stay. */
  keep(): void;
}

/**
 * Makes the folder, a new temporary one when `path` is undefined, and a room in it for each strategy that takes part.
 * Refuses a folder that holds a room of one of these strategies, or of any that comes with the command: an earlier run's checkpoints are not mixed with
 * this one's, nor overwritten.
 */
export function makeOutputFolder(path: string | undefined, taking: readonly Strategy[]): OutputFolder {
  const shown = path ?? tmpdir();
  const known = new Set([...strategyNames, ...taking.map(({ name }) => name)]);
  try {
    const folder = path === undefined ? mkdtempSync(join(tmpdir(), "pagelapse-")) : resolve(path);
    const earlier = path === undefined || !existsSync(folder) ? undefined : readdirSync(folder).find((name) => known.has(name));
    if (earlier !== undefined) throw refusal(shown, "a folder without an earlier run's checkpoints", `${earlier}/ in it`);
    const made = path === undefined ? [folder] : [];
    const keep = atEarlyEnd(() => made.toReversed().forEach((each) => rmSync(each, { recursive: true, force: true })));
    makeFolder(folder, made);
    for (const { name } of taking) {
      mkdirSync(join(folder, name));
      made.push(join(folder, name));
    }
    return { path: path ?? folder, room: (strategy) => join(folder, strategy), keep };
  } catch (reason) {
    throw systemRefusal(shown, "a folder that can be written to", reason) ?? reason;
  }
}

/** Makes a folder and those above it that are missing. (Node's own way never ends where the host answers ENOENT, as in /proc.) */
function makeFolder(path: string, made: string[]): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), made);
  mkdirSync(path);
  made.push(path);
}
