// The laws over packages with one deliberate bug.

import { mutatedModule } from "../mutated-module.ts";
import type { laws } from "./laws.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** The laws as they judge the packages with that bug. Throws when the text that it replaces does not stand there once. */
export async function mutatedLaws(mutant: Mutant): Promise<typeof laws> {
  const module = await mutatedModule<{ readonly laws: typeof laws }>("test/laws/laws.ts", [mutant]);
  return module.laws;
}
