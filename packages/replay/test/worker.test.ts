// The recorder beside the machine: its thread is the one that was built.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EventBatch, catalogue } from "@pagelapse/events";
import { BadRecording } from "@pagelapse/replay";
import { RecorderWorker } from "@pagelapse/replay/node";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { historyOf, open, recordingOf, tinyMachine } from "./history.ts";
import { programs } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "replay-worker-"));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { machine: tinyMachine, segments: { least: 50, eachFrame: 0, most: 50 } } as const;

/** Stores of noise, in batches of 8,192; so many of them, or for ever. */
function* noise(batches: number): Generator<EventBatch, void, undefined> {
  let state = 1;
  const batch = new EventBatch(8192, 8192);
  batch.kind.fill(catalogue.store.code);
  batch.length.fill(8);
  for (let round = 0; round < batches; round++) {
    batch.clear(round * batch.rowLimit);
    for (let row = 0; row < batch.rowLimit; row++) {
      batch.paddr[row] = (row & 31) * 4096 + (row & 0xff8);
      batch.data[row] = row;
      batch.heapWords[row * 2] = state = Math.imul(state, 1_664_525) + 1_013_904_223;
    }
    batch.count = batch.slotCount = batch.rowLimit;
    yield batch;
  }
}

test("a recording made beside the machine is byte for byte the one made in its thread", async () => {
  for (const [index, program] of fc.sample(programs, { numRuns: 8, seed: 3 }).entries()) {
    const history = historyOf(program);
    const path = join(folder, `same-${index}`);
    const recorder = new RecorderWorker({ path, ...options });
    for (const batch of history.batches) recorder.add(batch);
    await recorder.close();
    expect(recorder.moment).toBe(history.moments);
    expect(Buffer.compare(readFileSync(path), recordingOf(history, options))).toBe(0);
  }
});

test("a machine that is quicker waits, and nothing is lost", async () => {
  const path = join(folder, "waiting");
  const recorder = new RecorderWorker({ path, ...options, segments: { least: 20_000, eachFrame: 0, most: 20_000 } });
  // More than the ring holds.
  for (const batch of noise(100)) recorder.add(batch);
  await recorder.close();
  const timeline = await open(readFileSync(path));
  expect(timeline.cut).toBe(undefined);
  expect(timeline.moments).toBe(819_200);
});

test("a recording of nothing is one", async () => {
  const path = join(folder, "nothing");
  await new RecorderWorker({ path, ...options }).close();
  const timeline = await open(readFileSync(path));
  expect([timeline.moments, timeline.cut]).toEqual([0, undefined]);
});

/** Records until something throws, in a process that may write files of 500 blocks of 512 bytes; prints what was thrown where. */
const recordOn = `
  import { EventBatch } from "@pagelapse/events";
  import { RecorderWorker } from "@pagelapse/replay/node";
  const [path, machine, from] = process.argv.slice(1);
  const recorder = new RecorderWorker({ path, machine: JSON.parse(machine), segments: { least: 8192, eachFrame: 0, most: 8192 } });
  const batch = new EventBatch(8192, 8192);
  batch.kind.fill(1);
  batch.length.fill(8);
  batch.count = batch.slotCount = 8192;
  for (let row = 0; row < 8192; row++) batch.heapWords[row * 2] = Math.imul((batch.data[row] = row), 0x9e3779b1);
  const tell = ({ name, code, path }) => console.log(JSON.stringify({ name, code, path }));
  try {
    for (let round = 0; round < (from === "add" ? 1000 : 10); round++) {
      recorder.add(batch);
      batch.firstMoment += 8192;
    }
  } catch (reason) {
    tell(reason);
  }
  await recorder.close().catch(tell);
`;

test.each([
  ["add", 2],
  ["close", 1],
])("a disk that is full ends the recording with what the host said, told by %s", async (from, times) => {
  const path = join(folder, `full-${from}`);
  const here = fileURLToPath(new URL("..", import.meta.url));
  const words = ["-c", `ulimit -f 500; exec "$0" --input-type=module -e "$1" "$2" "$3" "$4"`];
  const script = [process.execPath, recordOn, path, JSON.stringify(tinyMachine), from];
  const { stdout, stderr } = spawnSync("sh", [...words, ...script], { cwd: here, encoding: "utf8", env: {} });
  const told = { name: "RecordingFailed", code: "EFBIG", path };
  expect([stdout, stderr]).toEqual([`${JSON.stringify(told)}\n`.repeat(times), ""]);
  const timeline = await open(readFileSync(path));
  expect(timeline.moments).toBeGreaterThan(0);
  expect(timeline.cut).toBeInstanceOf(BadRecording);
});

test("a batch that does not go on where the last one ended is refused at once", async () => {
  const recorder = new RecorderWorker({ path: join(folder, "gap"), ...options });
  const [batch] = noise(1);
  batch.firstMoment = 7;
  expect(() => recorder.add(batch)).toThrow("begins with event 7: expected event 0");
  await recorder.abandon();
});
