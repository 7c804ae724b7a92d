// The machine that flags ask for.

import type { MachineOptions } from "@pagelapse/kernel";
import { architectureNamed, architectures } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
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
  const architecture = chooseArchitecture(flags.arch);
  return { architecture, tlb: flags.tlb, frameCount: flags.ram, loads: flags.loads === true ? "recorded" : "dropped" };
}

/** The processor of that name. Throws a `Refusal` for one that nobody knows. */
export function chooseArchitecture(name: string): Architecture {
  const architecture = architectureNamed(name);
  if (architecture !== undefined) return architecture;
  const known = architectures.map((each) => each.name);
  throw unknownWord("--arch", name, known, nearest(name, known));
}
