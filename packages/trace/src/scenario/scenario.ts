// A scenario: the history of one machine, line by line, with what is to come of it.

import type { ArchitectureName } from "@pagelapse/mmu";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import type { TextPlace } from "./bad-scenario.ts";

/** Its lines in order; the blank ones and the comments are among them. */
export interface Scenario {
  readonly lines: readonly Line[];
}

/** A line: a statement, a comment, both, or neither. */
export interface Line {
  readonly statement: Statement | undefined;
  /** What stands behind `#`. */
  readonly comment: string | undefined;
}

/** What a line says; its verb tells which fields it has. */
export type Statement = { readonly [Verb in keyof StatementFields]: StatementOf<Verb> }[keyof StatementFields];

/** A statement of one verb. */
export type StatementOf<Verb extends keyof StatementFields> = { readonly verb: Verb } & StatementFields[Verb] & Circumstances;

/** What may stand before and behind a statement. */
export interface Circumstances {
  /** Of its first word. */
  readonly place: TextPlace;
  /** `1: w A.0 2`: the processor at work. `undefined`: the first. */
  readonly processor: number | undefined;
  /** `noflush`: the TLBs are not told. */
  readonly flush: "told" | "omitted";
  /** `fails ENOMEM`: an errno or a signal that is meant to come. */
  readonly failure: string | undefined;
}

/** Each verb's fields, in the order in which they are written. */
export interface StatementFields {
  readonly machine: { readonly setup: MachineSetup };
  readonly file: { readonly at: FilePage; readonly bytes: readonly number[] };
  readonly map: {
    readonly name: Name;
    readonly pageCount: number;
    /** PROT_* */
    readonly prot: number;
    readonly backing: Backing;
    readonly where: Where;
  };
  readonly unmap: OfRange;
  readonly protect: OfRange & { readonly prot: number };
  readonly move: OfRange & { readonly to: Name; readonly where: Where };
  readonly dontneed: OfRange;
  readonly free: OfRange;
  readonly dontfork: OfRange;
  readonly dofork: OfRange;
  readonly wipeonfork: OfRange;
  readonly keeponfork: OfRange;
  readonly dontdump: OfRange;
  readonly dodump: OfRange;
  readonly brk: { readonly pages: number };
  readonly msync: OfRange;
  readonly writeback: { readonly file: string };
  readonly w: OfAddress & { readonly bytes: readonly number[] };
  readonly r: OfAddress;
  readonly kw: OfAddress & { readonly bytes: readonly number[] };
  readonly pin: { readonly pin: Name } & OfAddress;
  readonly unpin: { readonly pin: Name };
  readonly dev: { readonly at: PinPlace; readonly bytes: readonly number[] };
  readonly fork: { readonly pid: number };
  readonly exit: object;
  readonly switch: { readonly pid: number };
  readonly swapout: OfAddress;
  readonly migrate: OfAddress;
  readonly collapse: OfAddress;
  readonly split: OfAddress;
  readonly "clear-refs": object;
  readonly wp: OfRange & { readonly mode: "on" | "off" };
  /** `take`, or the room of a log that begins. */
  readonly log: { readonly what: "take" | number };
  readonly flush: { readonly what: "space" | "processor" | Address };
  /** What becomes of the calls of each strategy's store, from the next one on. */
  readonly fault: { readonly plan: FaultPlan };
  readonly checkpoint: OfCheckpoint;
  readonly collect: OfCheckpoint;
  readonly clear: { readonly name: Name };
  readonly copy: { readonly name: Name };
  readonly commit: { readonly name: Name };
  readonly assert: { readonly claim: Claim };
  readonly expect: { readonly strategy: Name; readonly outcome: ExpectedOutcome };
}

interface OfRange {
  readonly range: Range;
}

interface OfAddress {
  readonly address: Address;
}

/** `by T`: a tracker of its own beside the one without a name. */
interface OfCheckpoint {
  readonly name: Name;
  readonly tracker: Name | undefined;
}

/** The machine of the `machine` line; what is left out is `undefined`. */
export interface MachineSetup {
  readonly architecture: ArchitectureName;
  readonly processors: number | undefined;
  readonly tlb: { readonly sets: number; readonly ways: number } | undefined;
  /** Frames. */
  readonly ram: number | undefined;
  /** Pages of the swap device. */
  readonly swap: number | undefined;
  readonly kernel: KernelVersion | undefined;
}

/** The kernels whose rules for swapped and shared pages a scenario can ask for. */
export type KernelVersion = "2.6" | "5.10" | "6.18";

/** A word that names an area, a checkpoint, a pin, a tracker or a strategy. */
export interface Name {
  readonly text: string;
  readonly place: TextPlace;
}

/** `A.1+8`: a byte, by area, page and offset. Pages below 0 are those that a stack grows into. */
export interface Address {
  readonly area: Name;
  readonly page: number;
  readonly offset: number;
}

/** `A`, `A.1` or `A.1-2`: pages of an area, the last among them; `undefined`: all of them. */
export interface Range {
  readonly area: Name;
  readonly pages: { readonly first: number; readonly last: number } | undefined;
}

/** `f@1`: a page of a file. */
export interface FilePage {
  readonly file: string;
  readonly page: number;
  readonly place: TextPlace;
}

/** `P+8`: a byte of a pinned page. */
export interface PinPlace {
  readonly pin: Name;
  readonly offset: number;
}

/** What an area maps. */
export type Backing =
  | { readonly kind: "anon" | "anon-shared" | "stack" }
  | { readonly kind: "file-private" | "file-shared"; readonly from: FilePage };

/** Where an area begins. `anywhere`: where it was before, or apart from all others. */
export type Where =
  | { readonly kind: "anywhere" }
  | { readonly kind: "at"; readonly vaddr: number }
  | { readonly kind: "after"; readonly area: Name };

/** What a page can be said to be. */
export type PageProperty = "mapped" | "present" | "swapped" | "large" | "dirty" | "soft-dirty" | "write-protected" | "logged";

/** What must be true at a line. */
export type Claim =
  | { readonly kind: "bytes"; readonly of: Address | FilePage; readonly bytes: readonly number[] }
  | { readonly kind: "property"; readonly of: Address; readonly answer: "is" | "is not"; readonly property: PageProperty };

/** What must come of a strategy. Several lines about one strategy add up. */
export type ExpectedOutcome =
  /** Every checkpoint brings memory back as it was, and the program reads what it would without checkpoints. */
  | { readonly kind: "holds" }
  /** A checkpoint brings these pages back with other bytes or not at all, or where nothing was mapped. */
  | { readonly kind: "loses" | "resurrects"; readonly range: Range; readonly checkpoint: Name }
  /** The program itself reads other bytes than it would without checkpoints. */
  | { readonly kind: "corrupts"; readonly range: Range }
  /** A checkpoint is not taken. */
  | { readonly kind: "fails"; readonly checkpoint: Name }
  /** The files of a checkpoint have so many pages. */
  | { readonly kind: "saves"; readonly pageCount: number; readonly checkpoint: Name };
