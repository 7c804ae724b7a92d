// The machine that flags ask for.

import type { MachineOptions } from "@pagelapse/kernel";
import { architectureNamed, architectures } from "@pagelapse/mmu";
import { nearest } from "./nearest.ts";
import { unknownWord } from "./refusal.ts";

/** Flags that every command with a machine has. */
export interface MachineFlags {
  readonly arch: string;
  readonly tlb: { readonly sets: number; readonly ways: number };
  /** Frames. */
  readonly ram: number;
  readonly loads?: true;
}

/** Throws a `Refusal` for a processor that nobody knows. */
export function chooseMachine(flags: MachineFlags): MachineOptions {
  const architecture = architectureNamed(flags.arch);
  if (architecture === undefined) {
    const known = architectures.map(({ name }) => name);
    throw unknownWord("--arch", flags.arch, known, nearest(flags.arch, known));
  }
  return { architecture, tlb: flags.tlb, frameCount: flags.ram, loads: flags.loads === true ? "recorded" : "dropped" };
}
