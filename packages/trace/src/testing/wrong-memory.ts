// What a world throws when memory, live or brought back, is not what the model holds.

/** A page is wrong. */
export class WrongMemory extends Error {
  override readonly name = "WrongMemory";
  /** `corrupted`: the program itself reads other bytes. The others are of an image. */
  readonly kind: "lost" | "stale" | "resurrected" | "corrupted";
  /** Counted from the window's first. */
  readonly page: number;
  readonly pid: number;

  constructor(kind: WrongMemory["kind"], page: number, pid: number) {
    super(`page ${page} is ${kind}, in process ${pid}`);
    this.kind = kind;
    this.page = page;
    this.pid = pid;
  }
}
