// A session: a recording, the moment one is at, and what was marked, watched and visited.

import type { Task } from "@pagelapse/kernel";
import type { FetchedView, Timeline } from "@pagelapse/replay";
import type { Area } from "@pagelapse/vma";
import { setImmediate } from "node:timers/promises";
import type { Tint } from "../colour.ts";
import type { Progress } from "../progress.ts";
import { Refusal } from "../refusal.ts";
import type { Stop } from "./stop.ts";

/** How a session meets whoever uses it. */
export interface Surroundings {
  readonly paint: (tint: Tint, text: string) => string;
  readonly startProgress: () => Progress;
  /** Columns of a line. */
  readonly width: number;
}

/** Thrown out of a search that ^C ended. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
}

/** What a search says now and then; it throws `Interrupted` when it is not to go on. */
export type Breathe = (share: number, lookedAt: number) => Promise<void>;

/** Everything that commands read and change. The recording is never changed. */
export class Session {
  readonly timeline: Timeline;
  readonly surroundings: Surroundings;
  readonly marks: Map<string, number> = new Map();
  readonly stops: Stop[] = [];
  /** The format and the size that `x` had last. */
  memoryFormat: { readonly letter: string; readonly byteCount: number } = { letter: "x", byteCount: 4 };
  /** The task that was chosen, by its index; `undefined`: the one that the first processor runs. */
  chosenTask: number | undefined;
  #moment = 0;
  #isInterrupted = false;
  #nextStop = 1;
  #nextMark = 1;
  /** Moments visited before this one, and those one has come back from, the nearest last. */
  readonly #behind: number[] = [];
  readonly #ahead: number[] = [];

  constructor(timeline: Timeline, surroundings: Surroundings) {
    this.timeline = timeline;
    this.surroundings = surroundings;
  }

  get moment(): number {
    return this.#moment;
  }
  /** The last moment. */
  get end(): number {
    return this.timeline.moments;
  }

  /** Goes to a moment, and remembers where one was. */
  moveTo(moment: number): void {
    if (moment === this.#moment) return;
    this.#behind.push(this.#moment);
    this.#ahead.length = 0;
    this.#moment = moment;
  }

  /** Goes where one was before, or back from there. Throws a `Refusal` where nobody has been. */
  retrace(direction: "back" | "forward"): void {
    const [from, to] = direction === "back" ? [this.#behind, this.#ahead] : [this.#ahead, this.#behind];
    const moment = from.pop();
    if (moment === undefined)
      throw new Refusal(direction === "back" ? "this is where the session began" : "this is the last place you were at");
    to.push(this.#moment);
    this.#moment = moment;
  }

  nextStopNumber(): number {
    return this.#nextStop++;
  }

  /** The name of a mark that was given none: #1, #2, ... */
  nextMarkName(): string {
    return `#${this.#nextMark++}`;
  }

  /** The view of this moment, without frames. */
  view(): Promise<FetchedView> {
    return this.timeline.at(this.#moment);
  }

  /** The task that is looked at. Throws a `Refusal` where there is none. */
  taskIn({ state }: FetchedView): { readonly index: number; readonly task: Task } {
    const index = this.chosenTask ?? state.running.at(0) ?? 0;
    const task = state.tasks.at(index);
    if (task !== undefined) return { index, task };
    throw new Refusal(
      state.tasks.length === 0 ? "there is no task yet at this moment" : `task ${index} is not there yet at this moment`,
    );
  }

  /** That task by its index, and its areas: none before it is there. */
  async looked(): Promise<{ readonly index: number; readonly areas: readonly Area[] }> {
    const { state } = await this.view();
    const index = this.chosenTask ?? state.running.at(0) ?? 0;
    return { index, areas: state.tasks.at(index)?.areas ?? [] };
  }

  /** ^C: the search that goes on ends. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** Runs a search that may be interrupted, with a bar where there is a terminal. */
  async search<Result>(act: (breathe: Breathe) => Promise<Result>): Promise<Result> {
    const progress = this.surroundings.startProgress();
    this.#isInterrupted = false;
    let breathed = performance.now();
    try {
      return await act(async (share, lookedAt) => {
        const now = performance.now();
        if (now - breathed > 20) {
          progress.show(share, lookedAt, "events");
          // Lets the keyboard in.
          await setImmediate();
          breathed = performance.now();
        }
        if (this.#isInterrupted) throw new Interrupted();
      });
    } finally {
      progress.clear();
    }
  }
}
