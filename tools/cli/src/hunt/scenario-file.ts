// The file that a counterexample is saved in; what stands there already is never written over.

import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { refusal, systemRefusal } from "../refusal.ts";

const expected = "a file that is not there yet";

/** Throws a `Refusal` where the file cannot be made: sooner than after a long hunt. */
export function refuseTaken(path: string): void {
  if (existsSync(path)) throw refusal(path, expected, "something there already (EEXIST)");
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (reason) {
    throw systemRefusal(path, expected, reason) ?? reason;
  }
}

/** Saves the text. Throws a `Refusal` where that cannot be. */
export function saveScenario(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (reason) {
    throw systemRefusal(path, expected, reason) ?? reason;
  }
}
