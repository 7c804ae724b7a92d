// How a strategy can fail a history, in the words of scenarios.

/** What went wrong first. `throws`: the strategy itself, with an error of its own; the others are as `expect` lines have them. */
export type FailureKind = "loses" | "resurrects" | "corrupts" | "fails" | "throws";

/** Thrown where a checkpoint was not taken although the store did not fail, cannot be read back, or where the strategy threw. */
export class BrokenCheckpoint extends Error {
  override readonly name = "BrokenCheckpoint";
  readonly kind: "fails" | "throws";

  constructor(kind: "fails" | "throws", reason: string) {
    super(reason);
    this.kind = kind;
  }
}
