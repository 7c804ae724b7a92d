// Which checkpoints have a page, asked of the recording of a machine that took some, and of the images that it left.

import { BadImage, strategyNamed } from "@pagelapse/checkpoint";
import { ImageStore } from "@pagelapse/checkpoint/store";
import type { ImageChain } from "@pagelapse/checkpoint/store";
import { EventLog } from "@pagelapse/events";
import { Machine } from "@pagelapse/kernel";
import { MemorySink, Recorder, checkpointsOf } from "@pagelapse/replay";
import type { PageCheckpoint, Restored, Timeline } from "@pagelapse/replay";
import { MemoryFileSystem, createVfs, filpOpen, isFailure, stat } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { expect, test } from "vitest";
import { open, tinyMachine } from "./history.ts";
import { at } from "./program.ts";

/** A machine that is recorded, and its images. */
interface Run {
  readonly machine: Machine;
  readonly log: EventLog;
  readonly vfs: Vfs;
  readonly store: ImageStore;
  readonly checkpoint: () => void;
  readonly close: () => Promise<Timeline>;
}

function startRun(): Run {
  const log = new EventLog();
  const sink = new MemorySink();
  const recorder = new Recorder({ sink, machine: tinyMachine, segments: { least: 40, eachFrame: 0, most: 40 } });
  recorder.listen(log);
  const { ramFrames, swapFrames, processors, tlb } = tinyMachine;
  const fileSystem = new MemoryFileSystem();
  const machine = new Machine({ frameCount: ramFrames, swapFrames, processors, tlb, log, store: fileSystem });
  const checkpointer = strategyNamed("dirty-bit")?.start();
  const vfs = createVfs({ fileSystem });
  machine.execute({ kind: "map-memory", start: at(0), byteCount: 4 * 4096, prot: 3, flags: 0x32 });
  return {
    machine,
    log,
    vfs,
    store: new ImageStore(vfs),
    checkpoint: () => expect(checkpointer?.take(machine.tracked)).toMatchObject({ kind: "committed" }),
    close() {
      machine.flush();
      recorder.close();
      return open(sink.bytes);
    },
  };
}

function store(machine: Machine, page: number, value: number): void {
  machine.execute({ kind: "store", vaddr: at(page, 8), bytes: Uint8Array.of(value) });
}

/** Three checkpoints: page 0 changes before each but the last, page 1 before the first, page 2 is written after all and page 3 goes. */
async function threeCheckpoints(): Promise<{
  readonly timeline: Timeline;
  readonly moments: readonly number[];
  readonly run: Run;
}> {
  const run = startRun();
  const moments: number[] = [];
  const checkpoint = (): void => {
    run.checkpoint();
    moments.push(run.log.moment);
  };
  store(run.machine, 0, 1);
  store(run.machine, 1, 7);
  store(run.machine, 3, 9);
  checkpoint();
  store(run.machine, 0, 2);
  checkpoint();
  run.machine.execute({ kind: "unmap-memory", start: at(3), byteCount: 4096 });
  checkpoint();
  store(run.machine, 2, 5);
  return { timeline: await run.close(), moments, run };
}

const brief = ({ name, isSaved, isSame }: PageCheckpoint): string => `${name}${isSaved ? " saved" : ""}${isSame ? " same" : ""}`;

test("a page is in those checkpoints that saved it, and in those before which it was as it is", async () => {
  const { timeline, moments } = await threeCheckpoints();
  const ask = async (page: number, moment: number): Promise<readonly string[]> =>
    (await checkpointsOf(timeline, { task: 0, vaddr: at(page) }, moment)).map(brief);
  expect(await ask(0, moments[0])).toEqual(["image-1 saved same", "image-2 saved", "image-3"]);
  expect(await ask(0, timeline.moments)).toEqual(["image-1 saved", "image-2 saved same", "image-3 same"]);
  expect(await ask(1, timeline.moments)).toEqual(["image-1 saved same", "image-2 same", "image-3 same"]);
  expect(await ask(2, moments[2])).toEqual(["image-1 same", "image-2 same", "image-3 same"]);
  expect(await ask(2, timeline.moments)).toEqual(["image-1", "image-2", "image-3"]);
  expect(await ask(3, timeline.moments)).toEqual(["image-1 saved", "image-2", "image-3 same"]);
});

test("a checkpoint is named with the events at which it began and was complete", async () => {
  const { timeline, moments } = await threeCheckpoints();
  const found = await checkpointsOf(timeline, { task: 0, vaddr: at(0) }, 0);
  for (const [index, { begun, ended, state, strategy }] of found.entries()) {
    expect((await timeline.event(begun)).kind).toBe("checkpoint-begun");
    expect((await timeline.event(ended)).kind).toBe("checkpoint-committed");
    expect([state, strategy, begun < ended, ended < moments[index]]).toEqual(["committed", "dirty-bit", true, true]);
  }
});

async function restoredFrom(
  timeline: Timeline,
  page: number,
  imageOf: (name: string) => ImageChain | undefined,
): Promise<readonly (Restored | undefined)[]> {
  return (await checkpointsOf(timeline, { task: 0, vaddr: at(page) }, timeline.moments, imageOf)).map(({ restored }) => restored);
}

test("an image brings back what the page held at its own moment, through its parents as well", async () => {
  const { timeline, run } = await threeCheckpoints();
  const imageOf = (name: string): ImageChain => run.store.openChain(name);
  for (const page of [0, 1, 2, 3]) {
    expect(await restoredFrom(timeline, page, imageOf), `page ${page}`).toEqual(["right", "right", "right"]);
  }
  expect(await restoredFrom(timeline, 0, () => undefined)).toEqual([undefined, undefined, undefined]);
});

test("an image that is another machine's is said to be stale, and to lose pages", async () => {
  const { timeline } = await threeCheckpoints();
  const other = startRun();
  store(other.machine, 0, 99);
  other.machine.execute({ kind: "unmap-memory", start: at(1), byteCount: 4096 });
  for (let event = 0; event < 3; event++) other.checkpoint();
  const imageOf = (name: string): ImageChain => other.store.openChain(name);
  // At the other machine's moments this one held other bytes.
  expect(await restoredFrom(timeline, 0, imageOf)).toContain("stale");
  expect(await restoredFrom(timeline, 1, imageOf)).toContain("lost");
});

test("a page that changed in its image is named, not shown", async () => {
  const { timeline, run } = await threeCheckpoints();
  const path = "image-1/pages-1.img";
  const found = stat(run.vfs, path);
  if (isFailure(found)) throw new Error(found.errno);
  const file = filpOpen(run.vfs, path, 2, 0);
  if (isFailure(file)) throw new Error(file.errno);
  for (let page = 0; page < found.size; page += 4096) run.vfs.fileSystem.write(file.handle, page + 100, Uint8Array.of(0xee));
  const [first, second, third] = await restoredFrom(timeline, 1, (name) => run.store.openChain(name));
  expect([first, second, third].map((each) => each instanceof BadImage)).toEqual([true, true, true]);
  expect(String(first)).toContain(path);
  expect((await restoredFrom(timeline, 0, (name) => run.store.openChain(name))).slice(1)).toEqual(["right", "right"]);
});
