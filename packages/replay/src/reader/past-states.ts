// The machine's state at any moment: the last one that was written whole, and the facts since, folded.

import { catalogue, kindNames, kindOf } from "@pagelapse/events";
import { emptyState, reduce } from "@pagelapse/kernel";
import type { MachineState, StateFact } from "@pagelapse/kernel";
import type { Architecture } from "@pagelapse/mmu";
import { NONE } from "../format/segment-header.ts";
import { plainEvents } from "./plain-event.ts";
import type { Recording } from "./recording.ts";

const stateFacts: readonly number[] = kindNames()
  .filter((name) => catalogue[name].role === "state")
  .map((name) => catalogue[name].code);

/** The states of one segment: `states[i]` is that from moment `moments[i]` on. They share what is the same in them. */
interface States {
  readonly moments: readonly number[];
  readonly states: readonly MachineState[];
}

/** Segments whose states are kept. */
const segmentLimit = 64;

/** States of a recording, kept for the segments looked at last. */
export class PastStates {
  readonly #recording: Recording;
  readonly #empty: MachineState;
  readonly #kept = new Map<number, States>();

  constructor(recording: Recording, architecture: Architecture) {
    this.#recording = recording;
    this.#empty = emptyState(architecture);
  }

  /** The state after so many events. */
  async at(moment: number): Promise<MachineState> {
    if (moment === 0) return this.#empty;
    const { moments, states } = await this.#statesOf(this.#recording.segmentBefore(moment).header.number);
    let [low, high] = [0, moments.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (moments[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    return states[low - 1];
  }

  async #statesOf(number: number): Promise<States> {
    const kept = this.#kept.get(number);
    if (kept !== undefined) {
      this.#kept.delete(number);
      this.#kept.set(number, kept);
      return kept;
    }
    const { stateSegment } = this.#recording.segments[number].header;
    let state = this.#empty;
    for (let at = stateSegment === NONE ? 0 : stateSegment; at < number; at++)
      state = (await this.#fold(at, state)).states.at(-1) ?? state;
    const found = await this.#fold(number, state);
    this.#kept.set(number, found);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= segmentLimit) break;
      this.#kept.delete(oldest);
    }
    return found;
  }

  /** The states of a segment; `before` is what it begins with, where it does not say so itself. */
  async #fold(number: number, before: MachineState): Promise<States> {
    const segment = this.#recording.segments[number];
    const { stateBlock, firstEvent, events } = segment.header;
    let state = stateBlock === NONE ? before : this.#decode(await segment.parts.block(stateBlock));
    const moments = [firstEvent];
    const states = [state];
    for (const { kind, task, detail, position } of await plainEvents(this.#recording, segment, stateFacts, "detail", events)) {
      state = reduce(state, task, { ...detail, kind: kindOf(kind) } as StateFact);
      moments.push(firstEvent + position + 1);
      states.push(state);
    }
    return { moments, states };
  }

  /** Members that are `undefined` do not stand in JSON. */
  #decode(bytes: Uint8Array): MachineState {
    return { ...this.#empty, ...(JSON.parse(new TextDecoder().decode(bytes)) as MachineState) };
  }
}
