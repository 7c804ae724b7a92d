// The timeline: a recording opened, and every moment of it within reach.

import { MachineEvent } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { architectureNamed, frameBytes } from "@pagelapse/mmu";
import type { Architecture, Tlb } from "@pagelapse/mmu";
import type { Observable } from "rxjs";
import { BadRecording } from "../format/bad-recording.ts";
import type { RecordedMachine } from "../format/file-header.ts";
import { findEvent } from "../questions/find-event.ts";
import type { EventQuery, FoundEvent } from "../questions/event-query.ts";
import { accesses, lastAccess, nextAccess } from "../questions/writes.ts";
import type { AccessFilter, MemoryRange, PastAccess } from "../questions/writes.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Cost } from "./cost.ts";
import { pastBatches, segmentEvents } from "./past-events.ts";
import { readPastFrame } from "./past-frame.ts";
import { PastMemory } from "./past-memory.ts";
import { PastStates } from "./past-states.ts";
import { pastTlbs } from "./past-tlbs.ts";
import { pastView } from "./past-view.ts";
import type { PastView } from "./past-view.ts";
import { pastEvents } from "./past-events-stream.ts";
import { Recording } from "./recording.ts";
import type { OpenOptions } from "./recording.ts";

/** A view whose frames are fetched by `look`. */
export interface FetchedView extends PastView {
  readonly memory: PastMemory;
}

/**
 * The history of a machine. A *moment* m is what the first m events made, notes counted: 0 is before the first, `moments` is after the last. Every question
 * costs about the same wherever it is asked. What in the file is not as it was written throws `BadRecording`.
 */
export class Timeline {
  readonly recording: Recording;
  readonly architecture: Architecture;
  readonly #states: PastStates;

  private constructor(recording: Recording, architecture: Architecture) {
    this.recording = recording;
    this.architecture = architecture;
    this.#states = new PastStates(recording, architecture);
  }

  /** Opens a recording. Throws `BadRecording` for what is none, or of an architecture that mmu does not know. */
  static async open(source: ByteSource, options: OpenOptions = {}): Promise<Timeline> {
    const recording = await Recording.open(source, options);
    const architecture = architectureNamed(recording.machine.architecture);
    if (architecture === undefined) throw new BadRecording(0, "an architecture", recording.machine.architecture);
    return new Timeline(recording, architecture);
  }

  get machine(): RecordedMachine {
    return this.recording.machine;
  }
  /** The last moment. */
  get moments(): number {
    return this.recording.moments;
  }
  /** Why the recording ends where it does; `undefined` when it was closed. */
  get cut(): BadRecording | undefined {
    return this.recording.cut;
  }
  /** What all questions so far have cost. */
  get cost(): Readonly<Cost> {
    return this.recording.cost;
  }

  /** The view of a moment, without frames: `look` and `fetch` bring them. Throws a `RangeError` for a moment that is none. */
  async at(moment: number): Promise<FetchedView> {
    this.#check(moment);
    const memory = new PastMemory(this.recording.frameCount);
    const view = pastView(moment, this.architecture, memory, await this.#states.at(moment));
    return { ...view, memory };
  }

  /** Brings frames into a view, all together. */
  async fetch(view: FetchedView, frames: readonly number[]): Promise<void> {
    await Promise.all(
      frames.map(async (pfn) => {
        if (view.memory.has(pfn)) return;
        const words = new Uint32Array(frameBytes / 4);
        await readPastFrame(this.recording, pfn, view.moment, new Uint8Array(words.buffer));
        view.memory.put(pfn, words);
      }),
    );
  }

  /**
   * Runs a pure reader over a moment: again and again, after the frames that it missed were fetched, until it misses none. It must
   * be synchronous, and change nothing. What it throws over frames that are all there is thrown.
   */
  async look<Result>(moment: number | FetchedView, reader: (view: PastView) => Result): Promise<Result> {
    const view = typeof moment === "number" ? await this.at(moment) : moment;
    for (;;) {
      const { missed, finish } = view.memory.attempt(() => reader(view));
      if (missed.length === 0) return finish();
      await this.fetch(view, missed);
    }
  }

  /** What the processors' TLBs remember at a moment. */
  async tlbs(moment: number): Promise<readonly Pick<Tlb, "sets" | "ways" | "contents" | "snapshot">[]> {
    this.#check(moment);
    return pastTlbs(this.recording, this.architecture, moment);
  }

  /** The event of that moment: the one that leads from it to the next. Throws a `RangeError` where there is none. */
  async event(moment: number): Promise<MachineEvent> {
    this.#check(moment + 1);
    const segment = this.recording.segmentBefore(moment + 1);
    const position = moment - segment.header.firstEvent;
    return new MachineEvent(await segmentEvents(this.recording, segment, position, position + 1), 0);
  }

  /** The events of [from, to) in batches, which are the caller's own; nothing is read ahead of the caller. */
  batches(from = 0, to: number = this.moments): AsyncGenerator<EventBatch, void, undefined> {
    this.#check(from);
    this.#check(to);
    return pastBatches(this.recording, from, to);
  }

  /** The same as an Observable of events, read as somebody subscribes, until they unsubscribe. */
  events$(from = 0, to: number = this.moments): Observable<MachineEvent> {
    return pastEvents(() => this.batches(from, to));
  }

  /** The last write to a range before a moment, or the last load from it. `undefined`: none; what was never written is 0. */
  async lastWrite(range: MemoryRange, before: number, filter?: AccessFilter): Promise<PastAccess | undefined> {
    this.#check(before);
    return lastAccess(this.recording, range, before, filter);
  }

  /** The first write to a range, or load from it, from a moment on. */
  async nextWrite(range: MemoryRange, from: number, filter?: AccessFilter): Promise<PastAccess | undefined> {
    this.#check(from);
    return nextAccess(this.recording, range, from, filter);
  }

  /** All writes to a range, or loads from it, whose moments are in [from, to), in order. */
  writes(
    range: MemoryRange,
    from = 0,
    to: number = this.moments,
    filter?: AccessFilter,
  ): AsyncGenerator<PastAccess, void, undefined> {
    this.#check(from);
    this.#check(to);
    return accesses(this.recording, range, from, to, filter);
  }

  /** The next event that is asked for, in either direction. */
  async find(query: EventQuery): Promise<FoundEvent> {
    this.#check(query.from);
    return findEvent(this.recording, query);
  }

  #check(moment: number): void {
    if (!(Number.isInteger(moment) && moment >= 0 && moment <= this.moments)) {
      throw new RangeError(`moment ${moment}: the recording has moments 0 to ${this.moments}`);
    }
  }
}
