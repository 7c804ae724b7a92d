// Running a guest in QEMU until it halts, and asking QEMU what its page tables say.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Guest } from "./guest.ts";

/** What QEMU says of a halted guest. */
export interface Answer {
  /** The bytes of the guest's tables. */
  readonly tables: Uint8Array;
  /** What it printed for each question. */
  readonly said: readonly string[];
}

/** Runs a guest, waits until it halts, and asks the monitor's `questions`. Rejects when that takes more than 60 seconds. */
export async function runInQemu({ machine, tables, tablesAt }: Guest, questions: readonly string[]): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "pagelapse-qemu-"));
  const file = (name: string): string => join(folder, name);
  writeFileSync(file("firmware"), machine.firmware);
  writeFileSync(file("tables"), tables);
  const at = `0x${tablesAt.toString(16)}`;
  const loaded = ["-device", `loader,file=${file("tables")},addr=${at},force-raw=on`];
  const bare = ["-m", "64", "-display", "none", "-serial", "none", "-parallel", "none", "-nic", "none", "-no-reboot"];
  const monitor = ["-monitor", "none", "-qmp", "stdio"];
  const qemu = spawn(machine.program, [...machine.options(file("firmware")), ...loaded, ...bare, ...monitor], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const timer = setTimeout(() => qemu.kill("SIGKILL"), 60_000);
  try {
    const ask = monitorOf(qemu.stdin, qemu.stdout);
    while (!machine.halted(await ask("info registers"))) await new Promise((resolve) => setTimeout(resolve, 20));
    await ask("stop");
    const said: string[] = [];
    for (const question of questions) said.push((await ask(question)).replaceAll("\r\n", "\n"));
    await ask(`pmemsave ${at} ${tables.length} "${file("after")}"`);
    return { tables: new Uint8Array(readFileSync(file("after"))), said };
  } finally {
    clearTimeout(timer);
    const ended = qemu.exitCode === null && new Promise((resolve) => qemu.once("exit", resolve));
    qemu.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

type Ask = (command: string) => Promise<string>;

/** Commands for people, one after another, through the monitor for programs: a line of JSON each way. */
function monitorOf(input: NodeJS.WritableStream, output: NodeJS.ReadableStream): Ask {
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("QEMU ended before it answered");
      const message: unknown = JSON.parse(value);
      if (typeof message !== "object" || message === null || "error" in message) throw new Error(`QEMU refuses: ${value}`);
      // Events come in between; a command for programs returns an object, one for people its text.
      if ("return" in message) return typeof message.return === "string" ? message.return : "";
    }
  };
  const say = (message: object): Promise<string> => {
    input.write(`${JSON.stringify(message)}\n`);
    return answer();
  };
  const ready = say({ execute: "qmp_capabilities" });
  return async (command) => {
    await ready;
    return await say({ execute: "human-monitor-command", arguments: { "command-line": command } });
  };
}
