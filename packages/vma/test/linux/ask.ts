// Asks the kernel: histories in the notation are done by `areas.c`, and what it says comes back in the notation.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { flagNames, pages, parseCall } from "../notation.ts";
import type { Line } from "../notation.ts";
import type { Window } from "../histories.ts";
import { seenAreas } from "./seen.ts";
import type { Answer } from "./seen.ts";

const compiler = "cc";

/** Why this machine cannot be asked about a window; `undefined` if it can. */
export function whyNot(window: Window): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return `${process.platform} on ${process.arch} is not Linux on x64`;
  const [major, minor] = release().split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 17)) return `Linux ${release()} is older than 6.17`;
  if (spawnSync(compiler, ["--version"]).status !== 0) return "there is no cc";
  if (sysctl("kernel/randomize_va_space") !== "2") return "kernel.randomize_va_space is not 2, so the heap touches the program";
  if (sysctl("vm/overcommit_memory") === "2") return "vm.overcommit_memory is 2";
  try {
    ask([[`touch ${window.first}`]], window);
    return undefined;
  } catch (error) {
    if (error instanceof Unusable) return error.message;
    throw error;
  }
}

/** The helper says that the machine does not let it do what it must. */
class Unusable extends Error {}

function sysctl(path: string): string {
  return readFileSync(`/proc/sys/${path}`, "utf8").trim();
}

/** Each history's answers, a list a history. Throws if the helper could not be built or did not do all. */
export function ask(histories: readonly (readonly Line[])[], window: Window): readonly (readonly Answer[])[] {
  const folder = mkdtempSync(join(tmpdir(), "areas-"));
  try {
    const helper = join(folder, "areas");
    execFileSync(compiler, ["-O1", "-o", helper, fileURLToPath(new URL("areas.c", import.meta.url))]);
    const input = histories.map((lines) => `${lines.map(request).join("\n")}\n\n`).join("");
    const words = [window.first, window.end, window.heap.first, window.limit].map(String);
    const output = run(helper, words, input);
    const answers = output
      .split("\n\n")
      .slice(0, -1)
      .map((text) => text.split("\n"));
    return histories.map((lines, index) => lines.map((line, step) => parseAnswer(line, answers[index][step])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where the heap begins is chance, and now and then something stands too near: then once more. */
function run(helper: string, words: readonly string[], input: string): string {
  for (let tries = 0; ; tries++) {
    const { status, stdout, error } = spawnSync(helper, words, { input, encoding: "utf8", maxBuffer: 2 ** 28 });
    if (status === 0) return stdout;
    if (status !== 2) throw new Error(`the helper ended with ${status}: ${stdout.slice(-200)}`, { cause: error });
    if (tries === 4) throw new Unusable(stdout.trim().split("\n").at(-1));
  }
}

const openFiles = ["f", "f:2", "g", "r"];

function request(line: Line): string {
  const call = parseCall(line);
  switch (call.verb) {
    case "mmap": {
      const label = call.object === undefined ? call.file : `${call.file}:${call.object}`;
      const file = label === undefined ? -1 : openFiles.indexOf(label);
      return ["mmap", call.start, BigInt(call.byteCount), call.prot, call.flags, file, BigInt(call.offset ?? 0)].join(" ");
    }
    case "munmap":
      return ["munmap", call.start, BigInt(call.byteCount)].join(" ");
    case "mprotect":
      return ["mprotect", call.start, BigInt(call.byteCount), call.prot].join(" ");
    case "mremap":
      return ["mremap", call.start, BigInt(call.oldBytes), BigInt(call.newBytes), call.flags, call.to].join(" ");
    case "madvise":
      return ["madvise", call.start, BigInt(call.byteCount), call.advice].join(" ");
    case "brk":
      return ["brk", call.address].join(" ");
  }
  call.verb satisfies "touch";
  return ["touch", call.address].join(" ");
}

function parseAnswer(line: Line, text: string): Answer {
  const [outcome, ...areas] = text.split(" | ");
  return { result: parseResult(line, outcome), areas: seenAreas(areas.map(parseSmaps)) };
}

function parseResult(line: Line, text: string): string {
  const [kind, number] = text.trim().split(" ");
  // A page beyond the end of its object (SIGBUS) is the same to areas as one that has bytes.
  if (kind === "S") return Number(number) === constants.signals.SIGBUS ? "ok" : "SIGSEGV";
  if (kind === "=") return /^(mmap|mremap|brk)/.test(line) ? pages(Number(number)) : "ok";
  // 95 has two names; errno(3) of Linux calls it by this one.
  const [name] = Object.entries(constants.errno).find(([word, value]) => value === Number(number) && word !== "ENOTSUP") ?? [
    text,
  ];
  return name;
}

function parseSmaps(text: string): Area {
  const [start, end, offset, file, ...words] = text.trim().split(" ");
  const flags = words.reduce((all, word) => all | (smapsFlags[word] ?? 0), 0);
  return {
    start: Number(start),
    end: Number(end),
    flags,
    file: { "0": "f", "2": "g" }[file],
    offset: Number(offset),
    name: "",
    object: Number(file) > 2 ? Number(file) : undefined,
    anonVma: undefined,
  };
}

/** The two letters of `VmFlags:` in /proc/PID/smaps: `show_smap_vma_flags`. Soft-dirty is left out: few kernels have it. */
const smapsFlags: Readonly<Record<string, number>> = {
  rd: VM_READ,
  wr: VM_WRITE,
  ex: VM_EXEC,
  ms: VM_MAYSHARE,
  sh: flagNames["SHARED"],
  mr: flagNames["MAYREAD"],
  mw: flagNames["MAYWRITE"],
  me: flagNames["MAYEXEC"],
  gd: flagNames["GROWSDOWN"],
  pf: flagNames["PFNMAP"],
  lo: flagNames["LOCKED"],
  io: flagNames["IO"],
  sr: flagNames["SEQ_READ"],
  rr: flagNames["RAND_READ"],
  dc: flagNames["DONTCOPY"],
  de: flagNames["DONTEXPAND"],
  ac: flagNames["ACCOUNT"],
  nr: flagNames["NORESERVE"],
  sf: flagNames["SYNC"],
  dd: flagNames["DONTDUMP"],
  wf: flagNames["WIPEONFORK"],
  mm: flagNames["MIXEDMAP"],
  hg: flagNames["HUGEPAGE"],
  nh: flagNames["NOHUGEPAGE"],
};
