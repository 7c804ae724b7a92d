// The laws that no single package can promise, each over random histories; each throws when it does not hold.

import { agreement } from "./agreement.ts";
import { chains } from "./chains.ts";
import { dirtyPages } from "./dirty-pages.ts";
import { failing } from "./failing.ts";
import { largePages } from "./large-pages.ts";
import { looking } from "./looking.ts";
import { reportBasic, reportIncrements } from "./report.ts";
import { resuming } from "./resuming.ts";
import { tlbs } from "./tlbs.ts";
import type { Trial } from "./trial.ts";

/** Every law by its name; each returns how many histories it was tried on. */
export const laws = {
  "the machine agrees with the model, with its facts and with itself after every step": agreement,
  "each image of a chain brings back memory at its moment, and the last what a full one does": chains,
  "a TLB of any size gives the same memory, state and files, and so does doing it again": tlbs,
  "what changed is dirty": dirtyPages,
  "looking changes nothing": looking,
  "large pages are not seen": largePages,
  "a machine that resumes an image goes on as if it had never stopped, and its next images are right": resuming,
  "a checkpoint that fails loses nothing": failing,
  "the report's basic files hold memory where every page may be read": reportBasic,
  "the report's increments add up to memory where nothing goes away": reportIncrements,
} satisfies Record<string, (trial: Trial) => number>;

export type LawName = keyof typeof laws;
