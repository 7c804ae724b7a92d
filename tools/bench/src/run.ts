// One run of a figure: processes started, timed from outside or asked for their figure.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measure, TraceName } from "./figure.ts";
import { writeRepeated } from "./repeated-trace.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const pagelapse = here("../../cli/dist/bin.js");
const traces: Readonly<Record<TraceName, string>> = {
  sqlite: here("../../cli/traces/sqlite.mr.gz"),
  mremap: here("../traces/mremap.mr.gz"),
  lackey: here("../../../packages/trace/test/traces/true.lackey.gz"),
};
/** Times that a stream must be repeated for 20 million stores. */
const repetitions: Readonly<Record<TraceName, number>> = { sqlite: 26, mremap: 9, lackey: 1 };

/** The folder of the traces that the bench makes. */
export class Bench {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "pagelapse-bench-"));
  readonly #repeated: Map<TraceName, string> = new Map();

  /** One run: a value in the figure's unit. */
  run(measure: Measure): number {
    switch (measure.kind) {
      case "stage":
        return Number(node([here("stage.js"), measure.stage, traces[measure.trace]]).stdout) / 1e6;
      case "image":
        return Number(node([here("image-stage.js"), measure.stage]).stdout);
      case "increment":
        return Number(node([here("increment-stage.js"), measure.stage]).stdout);
      case "command":
        return this.#runCommand(measure.trace, measure.value);
      case "start":
        return this.#measureStart(measure.words);
    }
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** One checkpoint strategy, no checkpoint: what is left is the replay itself, from the file to the end of the process. */
  #runCommand(trace: TraceName, value: "speed" | "memory"): number {
    let path = this.#repeated.get(trace);
    if (path === undefined) {
      path = join(this.#folder, `${trace}.mr.gz`);
      writeRepeated(traces[trace], path, repetitions[trace]);
      this.#repeated.set(trace, path);
    }
    const words = [
      "replay",
      path,
      "--strategy",
      "dirty-bit",
      "--every",
      "1G",
      "--out",
      join(this.#folder, `out-${performance.now()}`),
      "--json",
    ];
    const { stdout, seconds, peakBytes } = node([pagelapse, ...words]);
    const { stores, final } = JSON.parse(stdout) as { stores: number; final: { wrongBytes: number } };
    if (final.wrongBytes > 0) throw new Error(`${trace}: ${final.wrongBytes} wrong bytes`);
    return value === "speed" ? stores / seconds / 1e6 : peakBytes / 1e6;
  }

  #measureStart(words: readonly string[]): number {
    const path = join(this.#folder, "empty.mr");
    writeFileSync(path, "VMERREC1");
    const out = words[0] === "replay" ? ["--out", join(this.#folder, `out-${performance.now()}`)] : [];
    return (node([pagelapse, ...words, path, ...out]).seconds - node(["-e", "0"]).seconds) * 1000;
  }
}

interface Ended {
  readonly stdout: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** The most memory that the process had. */
  readonly peakBytes: number;
}

/** Runs node with these words; it says at its end, on a pipe of its own, how much memory it had. */
function node(words: readonly string[]): Ended {
  const begun = performance.now();
  const done = spawnSync(process.execPath, ["--import", here("peak-memory.js"), ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const seconds = (performance.now() - begun) / 1000;
  if (done.status !== 0) throw new Error(`node ${words.join(" ")} ended with ${done.status}: ${done.stderr}`);
  return { stdout: done.stdout, seconds, peakBytes: Number(done.output[3]) };
}
