import { isDeepStrictEqual } from "node:util";
import { strategies } from "@pagelapse/checkpoint";
import type { MappedFiles } from "@pagelapse/checkpoint";
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
import { largePrograms, programs, startBrk } from "./programs.ts";

const swapFrames = 5;

/** A machine under observation: what it says is folded, and what it could do is noted. */
class Observed {
  readonly machine: Machine;
  readonly fold: Fold;
  /** Kinds of commands that succeeded. */
  readonly done: Set<Command["kind"]> = new Set();
  readonly log: EventLog = new EventLog(64, 2048);
  /** A digest of every column of every event. */
  digest = 0;

  constructor(options: MachineOptions) {
    const { architecture = x86_64, frameCount = 48 } = options;
    this.fold = new Fold(architecture, frameCount + swapFrames);
    this.log.listen((batch) => {
      this.fold.add(batch);
      for (let row = 0; row < batch.count; row++) {
        const kind = kindOf(batch.kind[row]);
        for (const column of [batch.kind, batch.vaddr, batch.paddr, batch.length]) this.#mix(column[row]);
        for (const letter of JSON.stringify(batch.details.get(row) ?? "")) this.#mix(letter.charCodeAt(0));
        if (catalogue[kind].columns.includes("bytes")) batch.bytes(row).forEach((byte) => this.#mix(byte));
      }
    });
    const tlb = { sets: 2, ways: 2 };
    this.machine = new Machine({ frameCount, swapFrames, processors: 2, startBrk, tlb, ...options, log: this.log });
    this.machine.flush();
  }

  /** Takes commands, and holds the laws after each; whether RAM is what the facts make it, if wanted only in the end. */
  run(program: readonly Command[], folding: "after each" | "in the end" = "after each"): this {
    let dirtyInTlb: "as in the entry" | "maybe left over" = "as in the entry";
    for (const command of program) {
      if (command.kind === "checkpoint-range" && command.incremental === 1) dirtyInTlb = "maybe left over";
      try {
        if (this.machine.execute(command).kind === "done") this.done.add(command.kind);
      } catch (error) {
        if (!(error instanceof OutOfFrames)) throw error;
        outOfFrames++;
      }
      checkInvariants(this.machine, dirtyInTlb);
      if (folding === "after each") expectSameMemory(this.fold.ram, this.machine.memory);
    }
    expectSameMemory(this.fold.ram, this.machine.memory);
    if (!isDeepStrictEqual(this.fold.state, this.machine.state)) throw new Error("the state is not what the facts make it");
    for (const file of ["f", "unknown"]) expectSameFile(file, this.fold.files, this.machine.files);
    return this;
  }

  #mix(value: number): void {
    this.digest = Math.imul(this.digest ^ value, 0x0100_0193);
  }
}

let outOfFrames = 0;

/** Its first bytes, and whether they are known. */
function expectSameFile(file: string, folded: MappedFiles, live: MappedFiles): void {
  const [bytes, expected] = [new Uint8Array(frameBytes), new Uint8Array(frameBytes)];
  for (let offset = 0; offset < 16 * frameBytes; offset += frameBytes) {
    const isKnown = folded.read(file, offset, bytes) === live.read(file, offset, expected);
    if (!isKnown || Buffer.compare(bytes, expected) !== 0) throw new Error(`${file} at ${offset} is not what the facts make it`);
  }
}

function expectSameMemory(left: PhysicalMemory, right: PhysicalMemory): void {
  const [one, other] = [new Uint8Array(frameBytes), new Uint8Array(frameBytes)];
  for (let pfn = 0; pfn < right.frameCount; pfn++) {
    left.read(pfn * frameBytes, one);
    right.read(pfn * frameBytes, other);
    if (Buffer.compare(one, other) !== 0) throw new Error(`frame ${pfn} is not what the facts make it`);
  }
}

/** Kernels differ in two ways. */
const rules = fc.record({
  swap: fc.constantFrom("2.6" as const, "modern" as const),
  reuse: fc.constantFrom("sole-mapping" as const, "sole-reference" as const),
});

describe.each(architectures.map((architecture): [string, Architecture] => [architecture.name, architecture]))(
  "%s",
  (_, architecture) => {
    test.each([64, 12])(
      "with %i frames, the facts make the machine, and what must hold of it holds after every command",
      (frameCount) => {
        outOfFrames = 0;
        fc.assert(
          fc.property(programs, rules, (program, rule) => {
            new Observed({ architecture, frameCount, ...rule }).run(program);
          }),
          { numRuns: 150 },
        );
        expect(outOfFrames > 5).toBe(frameCount === 12);
      },
    );

    test("the same holds where there are large pages", () => {
      const done = new Set<string>();
      fc.assert(
        fc.property(largePrograms, rules, (program, rule) => {
          const observed = new Observed({ architecture, frameCount: 4096, ...rule }).run(program, "in the end");
          for (const kind of observed.done) done.add(kind);
        }),
        { numRuns: 30 },
      );
      expect(done).toContain("collapse-pages");
    });

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

test("every kind of event happens", () => {
  const seen = new Set<KindName>();
  fc.assert(
    fc.property(programs, (program) => {
      const log = new EventLog();
      log.listen((batch) => batch.kind.subarray(0, batch.count).forEach((code) => seen.add(kindOf(code))));
      const store = new MemoryFileSystem({ inodeCapacity: 30 });
      const machine = new Machine({ frameCount: 96, swapFrames, processors: 2, startBrk, loads: "recorded", store, log });
      const checkpointer = strategies[0].start();
      program.forEach((command, index) => {
        machine.execute(command);
        if (index % 8 === 7) checkpointer.take(machine.tracked);
      });
      machine.flush();
    }),
    { numRuns: 300 },
  );
  expect(kindNames().filter((kind) => !seen.has(kind))).toEqual([]);
});
