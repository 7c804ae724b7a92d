// Architectures by their names, for tables of cases.

import { architectureNamed } from "@pagelapse/mmu";
import type { Architecture, ArchitectureName } from "@pagelapse/mmu";

/** The architecture of that name. */
export function named(name: ArchitectureName): Architecture {
  const architecture = architectureNamed(name);
  if (architecture === undefined) throw new Error(`no architecture ${name}`);
  return architecture;
}
