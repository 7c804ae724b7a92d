// Complaints, however many: their number, and the first of them in its words.

import type { Complaints } from "./result.ts";

/** Takes complaints in; what it keeps does not grow with their number. */
export class ComplaintBox {
  #count = 0;
  #first: string | undefined;

  add(complaint: string): void {
    this.#count += 1;
    this.#first ??= complaint;
  }

  get complaints(): Complaints {
    return { count: this.#count, first: this.#first };
  }
}
