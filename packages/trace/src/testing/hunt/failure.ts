// How a strategy can fail a history, in the words of scenarios.

/** What went wrong first. `throws`: the strategy or the machine, with an error; the others are as `expect` lines have them. */
export type FailureKind = "loses" | "resurrects" | "corrupts" | "fails" | "throws";

/** Every kind. */
export const failureKinds: readonly FailureKind[] = ["loses", "resurrects", "corrupts", "fails", "throws"];

/** Thrown where a checkpoint was not taken although the store did not fail, cannot be read back, or where something else was thrown. */
export class BrokenCheckpoint extends Error {
  override readonly name = "BrokenCheckpoint";
  readonly kind: "fails" | "throws";

  constructor(kind: "fails" | "throws", reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Thrown of a strategy that fails a history once and not again: it keeps something from one run to the next, or asks chance. */
export class InconstantStrategy extends Error {
  override readonly name = "InconstantStrategy";

  constructor(strategy: string) {
    super(`${strategy} failed a history once, and not again`);
  }
}
