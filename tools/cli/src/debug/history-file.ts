// The lines of earlier sessions, in a file of the user's own.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Lines that are kept. */
export const historyLimit = 1000;

/** Where they are kept: below XDG_STATE_HOME, which is ~/.local/state unless it is set. */
function historyPath(): string {
  const given = process.env["XDG_STATE_HOME"];
  const state = given === undefined || given === "" ? join(homedir(), ".local/state") : given;
  return join(state, "pagelapse/debug-history");
}

/** The lines, the newest first, as readline wants them. None where there is no such file yet, or nobody may read it. */
export function readHistory(): string[] {
  try {
    const lines = readFileSync(historyPath(), "utf8").split("\n");
    return lines.filter((line) => line !== "").toReversed();
  } catch {
    return [];
  }
}

/** Keeps the lines, the newest first. Where they cannot be kept, the next session begins without: nothing is lost but that. */
export function writeHistory(lines: readonly string[]): void {
  try {
    const path = historyPath();
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const kept = lines.slice(0, historyLimit).toReversed();
    writeFileSync(path, kept.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  } catch {
    return;
  }
}
