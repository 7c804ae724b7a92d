// Which events are printed, and how: text collects here until the reader takes it.

import { MachineEvent, catalogue } from "@pagelapse/events";
import type { EventBatch, KindName } from "@pagelapse/events";
import { toJsonText } from "../printable.ts";
import { formatEvent } from "./format-event.ts";

/** Which events are printed, and in what form. */
export interface EventChoice {
  /** Moment of the first that counts. */
  readonly from: number;
  /** How many; `Infinity` for all. */
  readonly count: number;
  /** `undefined`: every kind. */
  readonly kinds: readonly KindName[] | undefined;
  readonly form: "text" | "json";
  /** Columns that a line of text may take, as `ps` cuts its lines on a terminal; `Infinity` where nobody minds. */
  readonly width: number;
}

/** Takes batches in and gives text out, a line an event. */
export class EventPrinter {
  readonly #choice: EventChoice;
  readonly #codes: ReadonlySet<number> | undefined;
  #left: number;
  #text = "";

  constructor(choice: EventChoice) {
    this.#choice = choice;
    this.#codes = choice.kinds === undefined ? undefined : new Set(choice.kinds.map((kind) => catalogue[kind].code));
    this.#left = choice.count;
  }

  /** Whether as many events have been printed as were asked for. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  take(batch: EventBatch): void {
    const first = Math.max(0, this.#choice.from - batch.firstMoment);
    for (let row = first; row < batch.count && this.#left > 0; row++) {
      if (this.#codes !== undefined && !this.#codes.has(batch.kind[row])) continue;
      this.#left -= 1;
      this.#text += `${this.#line(new MachineEvent(batch, row))}\n`;
    }
  }

  /** The lines since the last call. */
  takeText(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  #line(event: MachineEvent): string {
    return this.#choice.form === "json" ? toJsonText(event) : formatEvent(event).slice(0, this.#choice.width);
  }
}
