// Every architecture there is, and finding one by its name.

import type { Architecture } from "./architecture.ts";
import { sv39 } from "./riscv.ts";
import { i386, i386Pae, x86_64, x86_64La57 } from "./x86.ts";

/** Every architecture there is. */
export const architectures: readonly Architecture[] = [i386, i386Pae, x86_64, x86_64La57, sv39];

/** The architecture of that name, or `undefined`. */
export function architectureNamed(name: string): Architecture | undefined {
  return architectures.find((architecture) => architecture.name === name);
}
