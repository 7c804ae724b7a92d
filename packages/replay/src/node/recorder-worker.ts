// A recorder beside the machine: sorting, packing and writing happen in a thread of their own.

import { closeSync, openSync } from "node:fs";
import { MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { EventBatch } from "@pagelapse/events";
import type { EventLog } from "@pagelapse/events";
import { checkMachine } from "../writer/recorder.ts";
import type { RecorderOptions } from "../writer/recorder.ts";
import { BatchRing, newRing } from "./batch-ring.ts";
import type { ThreadData, ThreadFailure } from "./recorder-thread.ts";
import { RecordingFailed } from "./recording-failed.ts";

/** How a recording is written beside the machine; what is left out is as for `Recorder`. */
export interface RecorderWorkerOptions extends Omit<RecorderOptions, "sink" | "codec"> {
  /** The file, which must not exist. */
  readonly path: string;
}

/** Beside this file, built or bundled; who runs the sources runs the thread that was built of them. */
const threadFile: URL = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/node/recorder-thread.js" : "./recorder-thread.js",
  import.meta.url,
);

/**
 * Does what `Recorder` does, with the same bytes. The caller's thread copies each batch into a ring of 32, and waits while it is
 * full. A process that ends without `close` leaves a file that opens up to its last whole segment.
 */
export class RecorderWorker {
  readonly path: string;
  readonly #descriptor: number;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #ring: BatchRing | undefined;
  #moment = 0;
  #failure: RecordingFailed | undefined;

  /** Creates the file: throws what the host says, and a `RangeError` for a machine that no recording can be of. */
  constructor({ path, ...options }: RecorderWorkerOptions) {
    checkMachine(options.machine);
    this.path = path;
    this.#descriptor = openSync(path, "wx");
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: ThreadData = { port: port2, descriptor: this.#descriptor, options };
    // Flags of the host process, such as conditions that lead to sources, are none of its business.
    this.#worker = new Worker(threadFile, { workerData, transferList: [port2], execArgv: [] });
    this.#worker.on("error", (reason) => this.#fail(reason));
    this.#ended = new Promise((resolve) => void this.#worker.once("exit", () => resolve()));
    // Who forgets to close it does not wait for it.
    this.#worker.unref();
    port1.unref();
  }

  /** How many events were recorded. */
  get moment(): number {
    return this.#moment;
  }

  /** Records what a log publishes from now on; the function returned ends that. */
  listen(log: EventLog): () => void {
    return log.listen((batch) => this.add(batch));
  }

  /**
   * Records a batch. Throws a `RangeError` unless it goes on where the last one ended, and `RecordingFailed` once the file cannot
   * be written.
   */
  add(batch: EventBatch): void {
    if (batch.firstMoment !== this.#moment) {
      throw new RangeError(`a batch that begins with event ${batch.firstMoment}: expected event ${this.#moment}`);
    }
    const ring = this.#ringFor(batch);
    if (batch.details.size > 0) this.#port.postMessage(batch.details, []);
    if (ring.put(batch) === "over") throw this.#whatFailed();
    this.#moment += batch.count;
  }

  /** Ends the recording: resolves when all of it is in the file, durably. Rejects with `RecordingFailed`. */
  async close(): Promise<void> {
    this.#worker.ref();
    this.#ringFor(new EventBatch(8, 8)).put("end");
    await this.#ended;
    this.#readFailure();
    closeSync(this.#descriptor);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Gives the recording up, as it is: the file ends with its last whole segment, or somewhere behind it. */
  async abandon(): Promise<void> {
    await this.#worker.terminate();
    closeSync(this.#descriptor);
  }

  /** A ring that has room for this batch: one that has is used from then on. */
  #ringFor(batch: EventBatch): BatchRing {
    if (this.#ring?.takes(batch) === true) return this.#ring;
    const shape = newRing(batch.rowLimit, batch.slotLimit);
    this.#port.postMessage(shape, []);
    this.#ring?.put("moved");
    return (this.#ring = new BatchRing(shape));
  }

  #whatFailed(): RecordingFailed {
    this.#readFailure();
    return (this.#failure ??= new RecordingFailed(this.path, { message: "its thread takes nothing any more" }));
  }

  #readFailure(): void {
    const failure = receiveMessageOnPort(this.#port)?.message as ThreadFailure | undefined;
    if (failure !== undefined) this.#fail(failure);
  }

  #fail(reason: { readonly message: string; readonly code?: string | undefined }): void {
    this.#failure ??= new RecordingFailed(this.path, reason);
  }
}
