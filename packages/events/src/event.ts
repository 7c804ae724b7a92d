// One event, looked at as an object: a view of a row.

import { catalogue, kindOf } from "./catalogue.ts";
import type { KindName, Role } from "./catalogue.ts";
import type { Detail, EventBatch } from "./event-batch.ts";

/** One event of a batch. It reads the batch when asked, so it lives as long as the batch does. */
export class MachineEvent {
  readonly #batch: EventBatch;
  readonly #row: number;

  constructor(batch: EventBatch, row: number) {
    this.#batch = batch;
    this.#row = row;
  }

  /** How many events came before. */
  get moment(): number {
    return this.#batch.firstMoment + this.#row;
  }
  get kind(): KindName {
    return kindOf(this.#batch.kind[this.#row]);
  }
  get role(): Role {
    return catalogue[this.kind].role;
  }
  /** Index of the task in the state. */
  get task(): number {
    return this.#batch.task[this.#row];
  }
  get processor(): number {
    return this.#batch.processor[this.#row];
  }
  get vaddr(): number {
    return this.#batch.vaddr[this.#row];
  }
  get paddr(): number {
    return this.#batch.paddr[this.#row];
  }
  /** Bytes, or what the catalogue says of the kind. */
  get length(): number {
    return this.#batch.length[this.#row];
  }
  /** Address of the instruction; 0 when unknown. */
  get site(): number {
    return this.#batch.site[this.#row];
  }
  /** Record or line of the trace. */
  get origin(): number {
    return this.#batch.origin[this.#row];
  }
  /** The bytes of a memory fact; empty for kinds without. */
  get bytes(): Uint8Array {
    const columns: readonly string[] = catalogue[this.kind].columns;
    return columns.includes("bytes") ? this.#batch.bytes(this.#row) : new Uint8Array();
  }
  /** Where a `frame-copied` came from, a physical address; `undefined` for every other kind. */
  get from(): number | undefined {
    return this.kind === "frame-copied" ? this.#batch.heapWords[this.#batch.data[this.#row] * 2] : undefined;
  }
  get detail(): Detail | undefined {
    return this.#batch.details.get(this.#row);
  }

  /** A plain object of the columns that this kind uses; bytes as hexadecimal digits. */
  toJSON(): Record<string, unknown> {
    const columns: readonly string[] = catalogue[this.kind].columns;
    const json: Record<string, unknown> = { moment: this.moment, kind: this.kind, task: this.task, processor: this.processor };
    if (columns.includes("vaddr")) json["vaddr"] = this.vaddr;
    if (columns.includes("paddr")) json["paddr"] = this.paddr;
    if (columns.includes("length")) json["length"] = this.length;
    if (columns.includes("bytes")) json["bytes"] = hex(this.bytes);
    if (columns.includes("from")) json["from"] = this.from;
    if (columns.includes("detail")) json["detail"] = this.detail;
    if (this.site !== 0) json["site"] = this.site;
    json["origin"] = this.origin;
    return json;
  }
}

function hex(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += byte.toString(16).padStart(2, "0");
  return digits;
}
