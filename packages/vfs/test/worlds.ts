// The worlds that must be one: the model, the package in memory and on disk, and Linux.

import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryFileSystem } from "@pagelapse/vfs";
import { CrashFileSystem } from "@pagelapse/vfs/crash";
import { FaultyFileSystem } from "@pagelapse/vfs/faults";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { afterAll, expect } from "vitest";
import { hostWorld } from "./host-world.ts";
import { modelWorld } from "./model-world.ts";
import { perform } from "./notation.ts";
import type { Line, World } from "./notation.ts";
import { vfsWorld } from "./vfs-world.ts";

/** Made when the first test asks: the end of a file whose tests are all filtered out is not told. */
let scratch: string | undefined;
let folders = 0;

afterAll(() => {
  if (scratch === undefined) return;
  openUp(scratch);
  rmSync(scratch, { recursive: true });
});

/** An empty directory of the host, on tmpfs where there is one; it goes with the test file. */
export function freshFolder(): string {
  scratch ??= mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "pagelapse-vfs-"));
  const path = join(scratch, String(folders++));
  mkdirSync(path);
  return path;
}

export const onLinux = process.platform === "linux";

type WorldName = "model" | "memory" | "crash" | "faulty" | "disk" | "disk by paths" | "host";

export const worlds: Readonly<Record<WorldName, () => World>> = {
  model: modelWorld,
  memory: () => vfsWorld(new MemoryFileSystem()),
  crash: () => vfsWorld(new CrashFileSystem({ profile: "posix" })),
  faulty: () => vfsWorld(new FaultyFileSystem(new MemoryFileSystem(), [])),
  disk: () => vfsWorld(new DiskFileSystem(freshFolder())),
  "disk by paths": () => vfsWorld(new DiskFileSystem(freshFolder(), { reach: "paths" })),
  host: () => hostWorld(freshFolder()),
};

/** Does the same in two worlds; throws where a result differs, or the trees at the end. `met` counts verbs and results. */
export function agree(expected: World, actual: World, list: readonly Line[], met?: Map<string, number>): void {
  try {
    for (const line of list) {
      const result = perform(expected, line);
      expect(`${line} -> ${perform(actual, line)}`).toBe(`${line} -> ${result}`);
      const key = `${line.split(" ")[0]} ${isErrnoWord(result) ? result : "ok"}`;
      met?.set(key, (met.get(key) ?? 0) + 1);
    }
    expect(actual["tree"]()).toBe(expected["tree"]());
  } finally {
    expected["end"]();
    actual["end"]();
  }
}

/** Whether a result is an errno; no text that these tests write looks like one. */
export function isErrnoWord(result: string): boolean {
  return /^E[A-Z]{3,}$/.test(result) && !result.startsWith("EFGH");
}

/** Lets the owner into every directory, so that it can be removed. */
function openUp(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) openUp(join(path, name));
}
