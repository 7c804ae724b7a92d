// The thread of a `RecorderWorker`: takes batches out of the ring and records them.

import { receiveMessageOnPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { EventBatch } from "@pagelapse/events";
import { Recorder } from "../writer/recorder.ts";
import type { RecorderOptions } from "../writer/recorder.ts";
import { BatchRing } from "./batch-ring.ts";
import type { RingShape } from "./batch-ring.ts";
import { sinkInto } from "./file-sink.ts";

/** What the thread is started with. On `port` it gets rings, and details of batches; it answers what went wrong. */
export interface ThreadData {
  readonly port: MessagePort;
  /** The file, open for writing. */
  readonly descriptor: number;
  readonly options: Omit<RecorderOptions, "sink" | "codec">;
}

/** What went wrong. */
export interface ThreadFailure {
  readonly message: string;
  readonly code: string | undefined;
}

const { port, descriptor, options } = workerData as ThreadData;
port.once("message", (first: RingShape) => {
  let ring = new BatchRing(first);
  try {
    const sink = sinkInto(descriptor);
    const recorder = new Recorder({ ...options, sink });
    while (recordAll(ring, recorder) === "moved") ring = new BatchRing(nextMessage() as RingShape);
    recorder.close();
    sink.sync();
  } catch (reason) {
    const { message, code } = reason as NodeJS.ErrnoException;
    port.postMessage({ message, code } satisfies ThreadFailure, []);
    ring.abandon();
  }
  port.close();
});

function recordAll(ring: BatchRing, recorder: Recorder): "end" | "moved" {
  for (;;) {
    const batch = ring.take(() => nextMessage() as EventBatch["details"]);
    if (typeof batch === "string") return batch;
    recorder.add(batch);
    ring.release();
  }
}

/** What was sent before the ring says that it was. */
function nextMessage(): unknown {
  return receiveMessageOnPort(port)?.message;
}
