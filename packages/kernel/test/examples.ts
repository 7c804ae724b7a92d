// Examples held to all that is always true: each also checks the invariants of the machine, and that its facts are the machine.

import { EventLog } from "@pagelapse/events";
import { Fold } from "@pagelapse/kernel";
import type { Machine, MachineOptions } from "@pagelapse/kernel";
import { architectures } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import { machineFor, run } from "./notation.ts";
import { see } from "./sights.ts";

/** A promise, a program, what becomes of its last step, and what is seen then. */
export type Example = readonly [promise: string, program: string, result: string, seen: string];

/** Architectures that have soft-dirty bits, and userfaultfd's. */
export const linux6: readonly Architecture[] = architectures.filter(({ bits }) => bits.softDirty !== 0);

/** Holds examples on each architecture. */
export function holdExamples(
  examples: readonly Example[],
  options: MachineOptions = {},
  on: readonly Architecture[] = architectures,
): void {
  describe.each(on.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
    test.each(examples)("%s: %s", (_promise, program, result, seen) => {
      const { machine, fold } = foldedMachine({ architecture, ...options });
      expect(run(machine, program)).toBe(result);
      expect(see(machine, seen)).toBe(seen);
      checkInvariants(machine);
      expectFolded(machine, fold);
    });
  });
}

/** A machine for examples, with room for four pages on its swap device, and the fold of its facts. */
export function foldedMachine(options: MachineOptions): { readonly machine: Machine; readonly fold: Fold } {
  const { architecture = architectures[0], frameCount = 64, swapFrames = 4 } = options;
  const log = new EventLog();
  const fold = new Fold(architecture, frameCount + swapFrames);
  log.listen((batch) => fold.add(batch));
  return { machine: machineFor({ frameCount, swapFrames, ...options, log }), fold };
}

function expectFolded(machine: Machine, fold: Fold): void {
  const ram = new Uint8Array(fold.ram.bytes.length);
  machine.memory.read(0, ram);
  expect(Buffer.compare(ram, fold.ram.bytes)).toBe(0);
  expect(fold.state).toEqual(machine.state);
}
