// The parts of a machine as its routines pass them about, and the one way in which its state changes.

import type { CachedObject, PageCache } from "@pagelapse/checkpoint";
import { catalogue } from "@pagelapse/events";
import type { EventLog } from "@pagelapse/events";
import { FrameTable, RecordedRam, SwapDevice, Tlb } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory, Ram, TableMemory } from "@pagelapse/mmu";
import type { Vfs } from "@pagelapse/vfs";
import { emptyState } from "./machine-state.ts";
import type { MachineState, StateFact, Task } from "./machine-state.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import type { ProvidedFiles } from "./provided-files.ts";
import { reduce } from "./reduce.ts";

/** Shape of a TLB; 0 sets: none. */
export interface TlbShape {
  readonly sets: number;
  readonly ways: number;
}

/** Where kernels differ, and checkpoints come to feel it. */
export interface KernelRules {
  /** When a page that was swapped in gives its slot up: when it is written out again, or when it is stored to. */
  readonly swap: "2.6" | "modern";
  /**
   * Whether a private page may be written in place: when no other entry leads to it, or (Linux 5.8 to 5.15) when nobody else
   * has any reference to its frame, a pin among them.
   */
  readonly reuse: "sole-mapping" | "sole-reference";
}

/** Everything a machine is made of. */
export class Core implements TableMemory, PageCache {
  readonly architecture: Architecture;
  readonly ram: Ram;
  readonly log: EventLog;
  readonly recorded: RecordedRam;
  readonly frames: FrameTable;
  readonly swap: SwapDevice;
  readonly rules: KernelRules;
  /** Frames of RAM; those above are the swap device. */
  readonly ramFrames: number;
  /** One of each processor. */
  readonly tlbs: readonly Tlb[];
  /** The bytes of mapped files. */
  readonly files: ProvidedFiles;
  /** Where checkpoint files go. */
  readonly store: Vfs;
  state: MachineState;
  /** `omitted`: who takes translations away does not flush, which is a mistake that can be asked for. */
  flushing: "done" | "omitted" = "done";

  constructor(
    architecture: Architecture,
    ram: Ram,
    log: EventLog,
    options: {
      readonly ramFrames: number;
      readonly processors: number;
      readonly tlb: TlbShape;
      readonly rules: KernelRules;
      readonly state: MachineState | undefined;
    },
    files: ProvidedFiles,
    store: Vfs,
  ) {
    this.architecture = architecture;
    this.ram = ram;
    this.log = log;
    this.recorded = new RecordedRam(ram, log);
    this.frames = new FrameTable(this.recorded, options.ramFrames);
    this.swap = new SwapDevice(this.recorded);
    this.rules = options.rules;
    this.ramFrames = options.ramFrames;
    const { sets, ways } = options.tlb;
    this.tlbs = Array.from({ length: options.processors }, () => new Tlb(sets, ways, architecture.bits));
    this.files = files;
    this.store = store;
    this.state = options.state ?? emptyState(architecture);
  }

  get memory(): PhysicalMemory {
    return this.ram;
  }
  get cached(): readonly CachedObject[] {
    return this.state.cached;
  }
  /** The TLB of the processor at work. */
  get tlb(): Tlb {
    return this.tlbs[this.log.processor];
  }
  /** The task at work: the one that the processor runs, but for `actFor`. */
  get task(): Task {
    return this.state.tasks[this.log.task];
  }

  /** From now on this processor is at work, for the task that it runs. */
  runOn(processor: number): void {
    this.log.processor = processor;
    this.log.task = this.state.running[processor];
  }

  /** Lets the kernel work on another task's memory than the running one's. */
  actFor<Outcome>(task: number, act: () => Outcome): Outcome {
    const running = this.log.task;
    this.log.task = task;
    try {
      return act();
    } finally {
      this.log.task = running;
    }
  }

  /** Says that a fact about the task that runs has happened, and lets it happen. */
  happen(fact: StateFact): void {
    this.log.detail(catalogue[fact.kind].code, fact);
    this.state = reduce(this.state, this.log.task, fact);
  }

  /** A frame with one reference, its bytes as they were left. Throws `OutOfFrames`. */
  takeFrame(): number {
    const pfn = this.frames.allocate();
    if (pfn === undefined) throw new OutOfFrames(this.ramFrames);
    return pfn;
  }
}
