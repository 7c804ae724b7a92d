// One strategy in a scenario: a machine of its own, the checkpoints that it takes, and what became of them.

import { BadImage, compareProcesses, stepsOf } from "@pagelapse/checkpoint";
import type { CheckpointResult, CheckpointSteps, Checkpointer, ProcessView, Rebuild, Strategy } from "@pagelapse/checkpoint";
import { Machine } from "@pagelapse/kernel";
import type { Command, MachineOptions } from "@pagelapse/kernel";
import { MemoryFileSystem, createVfs } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { FaultyFileSystem } from "@pagelapse/vfs/faults";
import { BadScenario } from "./bad-scenario.ts";
import { compareMappedFiles } from "./compare-mapped-files.ts";
import { FreedPages } from "./freed-pages.ts";
import type { Name, StatementOf } from "./scenario.ts";
import { momentOf, viewOf } from "./task-view.ts";
import { wrongAtEvery } from "./wrong-at-every.ts";

/** Something that went wrong: with a page, at a checkpoint or in the program itself. */
export type Finding =
  | { readonly kind: "loses" | "resurrects"; readonly vaddr: number; readonly checkpoint: string }
  | { readonly kind: "corrupts"; readonly vaddr: number }
  | { readonly kind: "fails"; readonly checkpoint: string };

/** The checkpoints of one process tree by one tracker: one of another root begins another chain. */
interface Chain {
  readonly pid: number;
  readonly checkpointer: Checkpointer;
  readonly rebuild: Rebuild;
}

/** A checkpoint whose steps are apart, and the moments since it began. */
interface Begun {
  readonly chain: Chain;
  readonly task: number;
  readonly steps: CheckpointSteps;
  readonly moments: (readonly ProcessView[])[];
  readonly taken: Set<string>;
  readonly place: Name["place"];
}

/** Follows a scenario with its own machine; what went wrong is in `findings`. */
export class ScenarioTrial {
  readonly strategy: Strategy;
  readonly findings: Map<string, Finding> = new Map();
  /** Pages in the files of each checkpoint. */
  readonly saved: Map<string, number> = new Map();
  readonly totals = { checkpoints: 0, pagesSaved: 0, bytes: 0 };
  readonly #machine: Machine;
  /** The store, and the same without the faults: what is judged is what stands there. */
  readonly #store: FaultyFileSystem;
  readonly #files: Vfs;
  readonly #freed: FreedPages = new FreedPages();
  readonly #chains: Map<string, Chain> = new Map();
  readonly #begun: Map<string, Begun> = new Map();

  constructor(strategy: Strategy, options: MachineOptions) {
    this.strategy = strategy;
    const fileSystem = options.store ?? new MemoryFileSystem();
    this.#store = new FaultyFileSystem(fileSystem, []);
    this.#files = createVfs({ fileSystem });
    this.#machine = new Machine({ ...options, store: this.#store });
  }

  /** Whether the machine does it does not matter: it must not matter to the program, and that shows in memory. */
  execute(command: Command): void {
    this.#machine.execute(command);
    this.#freed.hear(command);
  }

  /** Calls of the store fail so from now on. */
  fault({ plan }: StatementOf<"fault">): void {
    this.#store.follow(plan);
  }

  /** A whole checkpoint. */
  take({ name, tracker }: StatementOf<"checkpoint">): void {
    const chain = this.#chainOf(tracker);
    const moments = [momentOf(this.#machine, this.#task)];
    const result = chain.checkpointer.take(this.#machine.tracked);
    this.#machine.flush();
    this.#judge(name.text, chain, result, moments);
  }

  /** One begins. */
  begin({ name, tracker, place }: StatementOf<"collect">): void {
    const chain = this.#chainOf(tracker);
    const steps = stepsOf(chain.checkpointer, this.#machine.tracked);
    this.#begun.set(name.text, { chain, task: this.#task, steps, moments: [], taken: new Set(), place });
    steps.collect();
  }

  /** A step of one that began. Throws `BadScenario` for a step that cannot be taken now. */
  step({ verb, name }: StatementOf<"clear" | "copy" | "commit">): void {
    const begun = this.#begun.get(name.text);
    if (begun === undefined) throw new BadScenario(name.place, `collect ${name.text} before`, `${verb} ${name.text}`);
    if (begun.taken.has(verb)) throw new BadScenario(name.place, `${verb} once`, `another ${verb} ${name.text}`);
    if (begun.task !== this.#task) throw new BadScenario(name.place, "the process that the checkpoint is of", "another one");
    begun.taken.add(verb);
    if (verb !== "commit") return begun.steps[verb]();
    if (!begun.taken.has("copy")) throw new BadScenario(name.place, `copy ${name.text} before`, `commit ${name.text}`);
    this.#begun.delete(name.text);
    this.#judge(name.text, begun.chain, begun.steps.commit(), begun.moments);
  }

  /** A line is over: checkpoints that have begun have lived through another moment, until their pages are copied. */
  endLine(truth: Machine): void {
    this.#machine.flush();
    for (const { moments, taken, task } of this.#begun.values()) {
      if (taken.has("after copy")) continue;
      moments.push(momentOf(this.#machine, task));
      if (taken.has("copy")) taken.add("after copy");
    }
    const { tasks } = this.#machine.state;
    truth.state.tasks.forEach(({ pid, state }, task) => {
      if (state === "dead") return;
      // By pid: a snapshot for a checkpoint is a task, too.
      const [expected, actual] = [
        viewOf(truth, task),
        viewOf(
          this.#machine,
          tasks.findLastIndex((each) => each.pid === pid),
        ),
      ];
      const corrupts = (vaddr: number): void => {
        if (!this.#freed.isDropped(expected, vaddr)) this.#find({ kind: "corrupts", vaddr });
      };
      compareProcesses(expected, actual, ({ vaddr }) => corrupts(vaddr));
      compareMappedFiles(expected, actual, corrupts);
    });
  }

  /** The scenario is over. Throws `BadScenario` where a checkpoint was left in the middle. */
  end(): void {
    for (const [name, { place }] of this.#begun) throw new BadScenario(place, `commit ${name} before the end`, "the end");
  }

  get #task(): number {
    return this.#machine.state.running[0];
  }

  #chainOf(tracker: Name | undefined): Chain {
    const { architecture, space } = this.#machine;
    const { pid } = space;
    const key = tracker?.text ?? "";
    let chain = this.#chains.get(key);
    if (chain?.pid !== pid) {
      chain = { pid, checkpointer: this.strategy.start(), rebuild: this.strategy.rebuild(architecture) };
      this.#chains.set(key, chain);
    }
    return chain;
  }

  #judge(checkpoint: string, { rebuild }: Chain, result: CheckpointResult, moments: Begun["moments"]): void {
    if (result.kind !== "committed") return this.#find({ kind: "fails", checkpoint });
    this.saved.set(checkpoint, result.pagesSaved);
    this.totals.checkpoints += 1;
    this.totals.pagesSaved += result.pagesSaved;
    this.totals.bytes += result.byteCount;
    try {
      rebuild.add(this.#files, result.path);
    } catch (reason) {
      if (!(reason instanceof BadImage)) throw reason;
      return this.#find({ kind: "fails", checkpoint });
    }
    for (const { vaddr, kind } of wrongAtEvery(moments, rebuild.tree))
      this.#find({ kind: kind === "resurrected" ? "resurrects" : "loses", vaddr, checkpoint });
  }

  #find(finding: Finding): void {
    this.findings.set(keyOf(finding), finding);
  }
}

/** What two findings share if they are the same. */
export function keyOf(finding: Finding): string {
  const page = "vaddr" in finding ? finding.vaddr : "";
  return `${finding.kind} ${page} ${"checkpoint" in finding ? finding.checkpoint : ""}`;
}
