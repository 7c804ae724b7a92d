// A stack touched below its start: Linux's `expand_downwards`.

import type { AddressLayout } from "./address-layout.ts";
import { prepareAnonVma } from "./anon-vma.ts";
import { findVmaIndex } from "./area.ts";
import type { Area } from "./area.ts";
import { fail, succeed } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { VM_ACCESS_FLAGS, VM_GROWSDOWN } from "./vm-flags.ts";

/**
 * Makes room for a fault at `address`. Nothing changes when an area holds it already; EFAULT when no stack lies above;
 * EPERM and ENOMEM when the stack may not grow so far: the program gets SIGSEGV in each case.
 */
export function growStack(areas: readonly Area[], layout: AddressLayout, address: number): Outcome {
  const index = findVmaIndex(areas, address);
  const stack = areas[index];
  if (stack === undefined) return fail("EFAULT");
  if (stack.start <= address) return succeed(0);
  if ((stack.flags & VM_GROWSDOWN) === 0) return fail("EFAULT");
  const start = address - (address & (layout.pageBytes - 1));
  if (start < layout.mmapMinimum) return fail("EPERM");
  const below = areas[index - 1];
  // Another stack, or pages nobody can touch, may come near: they are a guard themselves.
  const isGuarded = below !== undefined && (below.flags & VM_GROWSDOWN) === 0 && (below.flags & VM_ACCESS_FLAGS) !== 0;
  if (isGuarded && start - below.end < layout.stackGuardBytes) return fail("ENOMEM");
  // Linux wants a lock that comes with the `anon_vma`.
  const prepared = prepareAnonVma(areas, stack.start);
  if (stack.end - start > layout.stackLimit || stack.start - start > stack.offset) return fail("ENOMEM", prepared);
  return succeed(0, [...prepared, { kind: "area-grown", start, end: stack.start, direction: "down" }]);
}
