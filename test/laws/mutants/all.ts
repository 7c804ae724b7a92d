// Every deliberate bug.

import { areas } from "./areas.ts";
import { checkpoints } from "./checkpoints.ts";
import type { Mutant } from "./mutant.ts";
import { placement } from "./placement.ts";
import { processes } from "./processes.ts";
import { tables } from "./tables.ts";

export const mutants: readonly Mutant[] = [...tables, ...areas, ...processes, ...placement, ...checkpoints];
