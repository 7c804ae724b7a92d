// A process as far as these tests need one: areas, a layout, and calls that happen to it.

import {
  VM_LOCKED,
  VM_SHARED,
  VM_WRITE,
  applyAreaChange,
  areaAt,
  brk,
  growStack,
  madvise,
  mmap,
  mprotect,
  mremap,
  munmap,
  prepareAnonVma,
} from "@pagelapse/vma";
import type { AddressLayout, Area, AreaChange, Outcome } from "@pagelapse/vma";
import { page, pages, parseCall } from "./notation.ts";
import type { Call, Line } from "./notation.ts";

export interface Process {
  readonly areas: readonly Area[];
  readonly layout: AddressLayout;
}

/** 64 pages; new mappings go below page 48, else from 20 on; the break begins at page 4. */
export const tinyLayout: AddressLayout = {
  pageBytes: page,
  taskSize: 64 * page,
  mmapBase: 48 * page,
  mmapLegacyBase: 20 * page,
  mmapMinimum: page,
  startBrk: 4 * page,
  brk: 4 * page,
  stackLimit: 8 * page,
  stackGuardBytes: 2 * page,
  mapCountLimit: 100,
  hugePageBytes: 0,
};

/** What happened: the changes, also of a call that failed, and the program's end. */
export interface Decision extends Outcome {
  readonly signal?: "SIGSEGV";
}

/** What the verbs are, so that a test can put a wrong one in the place of each. */
export interface Verbs {
  readonly decide: (process: Process, call: Call) => Decision;
  readonly apply: (areas: readonly Area[], change: AreaChange) => readonly Area[];
}

export const verbs: Verbs = { decide, apply: applyAreaChange };

/** Does one line. The result is an errno, `SIGSEGV`, the page that mmap, mremap or brk answers, or `ok`. */
export function perform(
  process: Process,
  line: Line,
  using: Verbs = verbs,
): { readonly process: Process; readonly result: string } {
  const call = parseCall(line);
  const decision = using.decide(process, call);
  const after = decision.changes.reduce((so, change) => happen(so, change, using), process);
  return { process: after, result: decision.signal ?? decision.errno ?? (answersAddress(call) ? pages(decision.value) : "ok") };
}

function answersAddress(call: Call): boolean {
  return call.verb === "mmap" || call.verb === "mremap" || call.verb === "brk";
}

function happen(process: Process, change: AreaChange, using: Verbs): Process {
  const layout = change.kind === "break-moved" ? { ...process.layout, brk: change.brk } : process.layout;
  return { areas: populate(using.apply(process.areas, change), using), layout };
}

/** The kernel touches locked memory itself: `mm_populate`. */
function populate(areas: readonly Area[], using: Verbs): readonly Area[] {
  return areas.filter(isLockedUntouched).reduce((so, area) => prepareAnonVma(so, area.start).reduce(using.apply, so), areas);
}

function isLockedUntouched(area: Area): boolean {
  return (area.flags & (VM_LOCKED | VM_WRITE | VM_SHARED)) === (VM_LOCKED | VM_WRITE) && area.anonVma === undefined;
}

function decide({ areas, layout }: Process, call: Call): Decision {
  switch (call.verb) {
    case "mmap":
      return mmap(areas, layout, call);
    case "munmap":
      return munmap(areas, layout, call);
    case "mprotect":
      return mprotect(areas, layout, call);
    case "mremap":
      return mremap(areas, layout, call);
    case "brk":
      return brk(areas, layout, call);
    case "madvise":
      return madvise(areas, layout, call);
  }
  call.verb satisfies "touch";
  return store(areas, layout, call.address);
}

/** A store by the program: a stack may grow, an area gets its first private page. */
function store(areas: readonly Area[], layout: AddressLayout, address: number): Decision {
  const grown = growStack(areas, layout, address);
  const after = grown.changes.reduce(applyAreaChange, areas);
  const area = areaAt(after, address);
  if (area === undefined || (area.flags & VM_WRITE) === 0) return { ...grown, signal: "SIGSEGV" };
  return (area.flags & VM_SHARED) === 0 ? { ...grown, changes: [...grown.changes, ...prepareAnonVma(after, address)] } : grown;
}
