import { isDeepStrictEqual } from "node:util";
import { strategies } from "@pagelapse/checkpoint";
import { EventLog, catalogue, kindNames, kindOf } from "@pagelapse/events";
import type { KindName } from "@pagelapse/events";
import { Fold, Machine, OutOfFrames } from "@pagelapse/kernel";
import type { Command, MachineOptions } from "@pagelapse/kernel";
import { architectures, frameBytes, x86_64 } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import { MemoryFileSystem } from "@pagelapse/vfs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import { programs, startBrk } from "./programs.ts";

/** A machine under observation: what it says is folded, and the kinds of its events are counted. */
class Observed {
  readonly machine: Machine;
  readonly fold: Fold;
  readonly kinds: Set<KindName> = new Set();
  readonly log: EventLog = new EventLog(64, 2048);
  /** A digest of every column of every event. */
  digest = 0;

  constructor(options: MachineOptions) {
    const { architecture = x86_64, frameCount = 48 } = options;
    this.fold = new Fold(architecture, frameCount);
    this.log.listen((batch) => {
      this.fold.add(batch);
      for (let row = 0; row < batch.count; row++) {
        const kind = kindOf(batch.kind[row]);
        this.kinds.add(kind);
        const columns = [
          batch.kind[row],
          batch.vaddr[row],
          batch.paddr[row],
          batch.length[row],
          JSON.stringify(batch.details.get(row)),
        ];
        const hasBytes = catalogue[kind].columns.includes("bytes");
        this.#mix(columns.join() + (hasBytes ? batch.bytes(row).join() : ""));
      }
    });
    this.machine = new Machine({ frameCount, startBrk, tlb: { sets: 2, ways: 2 }, ...options, log: this.log });
    this.machine.flush();
  }

  /** Takes commands, and holds the laws after each. */
  run(program: readonly Command[]): this {
    let dirtyInTlb: "as in the entry" | "maybe left over" = "as in the entry";
    for (const command of program) {
      if (command.kind === "checkpoint-range" && command.incremental === 1) dirtyInTlb = "maybe left over";
      try {
        this.machine.execute(command);
      } catch (error) {
        if (!(error instanceof OutOfFrames)) throw error;
        outOfFrames++;
      }
      checkInvariants(this.machine, dirtyInTlb);
      expectSameMemory(this.fold.ram, this.machine.memory);
    }
    if (!isDeepStrictEqual(this.fold.state, this.machine.state)) throw new Error("the state is not what the facts make it");
    return this;
  }

  #mix(text: string): void {
    for (let i = 0; i < text.length; i++) this.digest = Math.imul(this.digest ^ text.charCodeAt(i), 0x0100_0193);
  }
}

let outOfFrames = 0;

function expectSameMemory(left: PhysicalMemory, right: PhysicalMemory): void {
  const [one, other] = [new Uint8Array(frameBytes), new Uint8Array(frameBytes)];
  for (let pfn = 0; pfn < right.frameCount; pfn++) {
    left.read(pfn * frameBytes, one);
    right.read(pfn * frameBytes, other);
    if (Buffer.compare(one, other) !== 0) throw new Error(`frame ${pfn} is not what the facts make it`);
  }
}

describe.each(architectures.map((architecture): [string, Architecture] => [architecture.name, architecture]))(
  "%s",
  (_, architecture) => {
    test.each([48, 10])(
      "with %i frames, the facts make the machine, and what must hold of it holds after every command",
      (frameCount) => {
        outOfFrames = 0;
        fc.assert(
          fc.property(programs, (program) => void new Observed({ architecture, frameCount }).run(program)),
          { numRuns: 60 },
        );
        expect(outOfFrames > 5).toBe(frameCount === 10);
      },
    );

    test("the same commands give the same bytes and the same events", () => {
      fc.assert(
        fc.property(programs, (program) => {
          const [one, other] = [new Observed({ architecture }).run(program), new Observed({ architecture }).run(program)];
          expectSameMemory(one.machine.memory, other.machine.memory);
          expect([one.digest, one.digest === 0]).toEqual([other.digest, false]);
        }),
        { numRuns: 40 },
      );
    });
  },
);

test("every kind of event happens that one task brings about by itself", () => {
  const seen = new Set<KindName>();
  fc.assert(
    fc.property(programs, (program) => {
      const log = new EventLog();
      log.listen((batch) => batch.kind.subarray(0, batch.count).forEach((code) => seen.add(kindOf(code))));
      const store = new MemoryFileSystem({ inodeCapacity: 3 });
      const machine = new Machine({ frameCount: 64, startBrk, loads: "recorded", store, log });
      const checkpointer = strategies[0].start();
      program.forEach((command, index) => {
        machine.execute(command);
        if (index % 8 === 7) checkpointer.take(machine.tracked);
      });
      machine.flush();
    }),
    { numRuns: 400 },
  );
  expect(kindNames().filter((kind) => !seen.has(kind))).toEqual([
    "entry-swapped",
    "soft-dirty-cleared",
    "writes-protected",
    "device-store",
    "task-exited",
    "page-pinned",
    "page-unpinned",
    "dirty-log-started",
    "write-logged",
    "dirty-log-taken",
    "tlb-flushed",
    "tlb-shot-down",
  ]);
});
