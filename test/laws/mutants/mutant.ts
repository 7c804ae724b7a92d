// A deliberate bug, and the law that finds it out.

import type { LawName } from "../laws.ts";

/** In the file, `search`, which stands there once, becomes `replace`; then the law named does not hold. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  readonly law: LawName;
  /** With whose checkpoints; `dirty-bit` where it does not matter. */
  readonly strategy?: string;
}

/** Short names of laws. */
export const law = {
  agreement: "the machine agrees with the model, with its facts and with itself after every step",
  chain: "each image of a chain brings back memory at its moment, and the last what a full one does",
  tlb: "a TLB of any size gives the same memory, state and files, and so does doing it again",
  dirty: "what changed is dirty",
  looking: "looking changes nothing",
  large: "large pages are not seen",
  resuming: "a machine that resumes an image goes on as if it had never stopped, and its next images are right",
  failing: "a checkpoint that fails loses nothing",
  basic: "the report's basic files hold memory where every page may be read",
  increments: "the report's increments add up to memory where nothing goes away",
} as const satisfies Record<string, LawName>;
