import { EventBatch, catalogue } from "@pagelapse/events";
import { MemorySink, Recorder } from "@pagelapse/replay";
import { expect, test } from "vitest";
import { open } from "./history.ts";

/** So many words stored, each to the next frame, in one batch that is lent again and again. */
function* roundAllFrames(frameCount: number, stores: number): Generator<EventBatch, void, undefined> {
  const batch = new EventBatch(8192, 8192);
  batch.kind.fill(catalogue.store.code);
  batch.length.fill(8);
  for (let moment = 0; moment < stores; moment += batch.count) {
    batch.clear(moment);
    for (let row = 0; row < batch.rowLimit; row++) {
      batch.paddr[row] = ((moment + row) % frameCount) * 4096 + 8;
      batch.data[row] = row;
      batch.heapWords[row * 2] = moment + row;
    }
    batch.count = batch.slotCount = batch.rowLimit;
    yield batch;
  }
}

test("segments of scattered writes are as long as the rule says, whatever is copied in them", async () => {
  const ramFrames = 2 ** 14;
  const sink = new MemorySink();
  const machine = { architecture: "x86-64", ramFrames, swapFrames: 0, processors: 1, tlb: { sets: 0, ways: 1 } };
  // Every frame is copied in every other segment: 64 MiB, were it all of them in the same one.
  const recorder = new Recorder({ sink, machine, copies: { weight: 2048, touch: 1024 } });
  for (const batch of roundAllFrames(ramFrames, 5 * 2 ** 20)) recorder.add(batch);
  recorder.close();
  const { recording } = await open(sink.bytes);
  expect(recording.segments.map(({ header }) => header.events)).toEqual(Array.from({ length: 5 }, () => 64 * ramFrames));
});
