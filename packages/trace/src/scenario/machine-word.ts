// The words of the `machine` line, and the machine that they ask for.

import type { MachineOptions } from "@pagelapse/kernel";
import { architectureNamed, architectures } from "@pagelapse/mmu";
import { pageLimit } from "./place-words.ts";
import type { KernelVersion, MachineSetup } from "./scenario.ts";
import { integer, oneOf } from "./word.ts";
import type { Cursor, Word } from "./word.ts";

const architecture = oneOf(...architectures.map(({ name }) => name));
const processors = integer("processors", 1, 64);
const ram = integer("frames of RAM", 16, pageLimit / 2);
const swap = integer("pages of swap", 0, pageLimit / 2);
const kernel = oneOf<KernelVersion>("2.6", "5.10", "6.18");

/** The shape of a TLB, sets x ways: `64x4`, or `0x1` for none. */
const tlb: Word<{ readonly sets: number; readonly ways: number }> = {
  read(cursor) {
    const expected = "a TLB as sets x ways: 0 or a power of two up to 65536, and 1 to 16, as 64x4";
    const [, first, second] = /^(\d{1,5})x(\d{1,2})$/.exec(cursor.ahead ?? "") ?? [];
    const sets = Number(first ?? NaN);
    const ways = Number(second ?? NaN);
    const isPower = sets === 0 || (sets <= 65_536 && Number.isInteger(Math.log2(sets)));
    if (!isPower || !(ways >= 1 && ways <= 16)) throw cursor.refuse(expected);
    cursor.take(expected);
    return { sets, ways };
  },
  write: ({ sets, ways }) => `${sets}x${ways}`,
};

const parts = { processors, tlb, ram, swap, kernel } as const;

/** `x86-64 processors 2 tlb 64x4 ram 256 swap 64 kernel 2.6`, each part once at most, written in this order. */
export const machineWord: Word<MachineSetup> = {
  read(cursor) {
    const found: { -readonly [Part in keyof MachineSetup]: MachineSetup[Part] } = {
      ...nothingSaid,
      architecture: architecture.read(cursor),
    };
    for (;;) {
      const part = (["processors", "tlb", "ram", "swap", "kernel"] as const).find((name) => name === cursor.ahead);
      if (part === undefined) return found;
      if (found[part] !== undefined) throw cursor.refuse(`${part} once`);
      cursor.skip(part);
      readPart(found, part, cursor);
    }
  },
  write(setup) {
    const said = [
      setup.processors === undefined ? [] : ["processors", processors.write(setup.processors)],
      setup.tlb === undefined ? [] : ["tlb", tlb.write(setup.tlb)],
      setup.ram === undefined ? [] : ["ram", ram.write(setup.ram)],
      setup.swap === undefined ? [] : ["swap", swap.write(setup.swap)],
      setup.kernel === undefined ? [] : ["kernel", kernel.write(setup.kernel)],
    ];
    return [setup.architecture, ...said.flat()].join(" ");
  },
};

type Part = keyof typeof parts;

function readPart(found: { -readonly [Name in Part]: MachineSetup[Name] }, part: Part, cursor: Cursor): void {
  if (part === "tlb") found.tlb = tlb.read(cursor);
  else if (part === "kernel") found.kernel = kernel.read(cursor);
  else found[part] = parts[part].read(cursor);
}

/** A `machine` line that says nothing: what a scenario without one has. */
export const nothingSaid: MachineSetup = {
  architecture: "x86-64",
  processors: undefined,
  tlb: undefined,
  ram: undefined,
  swap: undefined,
  kernel: undefined,
};

/** Where the break of a scenario's process begins. */
export const startBrk = 0x0800_0000;

/*
 * What the kernels differ in here: 2.6 keeps a page's slot until it is written out again, later ones until it is stored to; and
 * 5.8 to 5.15 copied a private page on write when anybody had a reference to it, a pin among them (Linux `do_wp_page`).
 */
const rules: Readonly<Record<KernelVersion, Pick<MachineOptions, "swap" | "reuse">>> = {
  "2.6": { swap: "2.6", reuse: "sole-mapping" },
  "5.10": { swap: "modern", reuse: "sole-reference" },
  "6.18": { swap: "modern", reuse: "sole-mapping" },
};

/** The machine asked for; unless said otherwise x86-64 with a processor, a TLB of 64x4, 1024 frames, 64 pages of swap, and Linux 2.6. */
export function machineOptions(setup: MachineSetup): MachineOptions {
  const chosen = architectureNamed(setup.architecture);
  if (chosen === undefined) throw new Error(`no architecture ${setup.architecture}`);
  return {
    architecture: chosen,
    processors: setup.processors ?? 1,
    tlb: setup.tlb ?? { sets: 64, ways: 4 },
    frameCount: setup.ram ?? 1024,
    swapFrames: setup.swap ?? 64,
    startBrk,
    ...rules[setup.kernel ?? "2.6"],
  };
}
