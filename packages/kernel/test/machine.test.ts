import { strategies } from "@pagelapse/checkpoint";
import { EventLog } from "@pagelapse/events";
import type { MachineEvent } from "@pagelapse/events";
import { Fold, Machine, OutOfFrames } from "@pagelapse/kernel";
import { architectures, i386, x86_64 } from "@pagelapse/mmu";
import { expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import { at, machineFor, run } from "./notation.ts";
import { entryOf } from "./sights.ts";

/** What a machine says while `act` runs, kinds and addresses. */
function told(machine: Machine, act: () => void): readonly MachineEvent[] {
  const events: MachineEvent[] = [];
  machine.flush();
  const subscription = machine.events$.subscribe((event) => events.push(event));
  act();
  machine.flush();
  subscription.unsubscribe();
  return events;
}

test("a store whose translation is known is one event, and says where it stood in the trace", () => {
  const machine = machineFor();
  run(machine, "map 0 rw-; store 0 01");
  machine.programCounter(0x1234);
  machine.startChunk(1000);
  const events = told(machine, () => machine.store(0, at(0, 16), Uint32Array.of(9, 9, 0x0403_0201, 0x0807_0605), 2, 8));
  expect(events.map(({ kind, vaddr, bytes, site, origin }) => [kind, vaddr, [...bytes], site, origin])).toEqual([
    ["store", at(0, 16), [1, 2, 3, 4, 5, 6, 7, 8], 0x1234, 1008],
  ]);
});

test("a store over the end of a page is two events of one origin", () => {
  const machine = machineFor();
  run(machine, "map 0-1 rw-; store 0 01; store 1 01");
  machine.startChunk(50);
  const events = told(machine, () => machine.store(0, at(1, -3), Uint32Array.of(0, 0x0403_0201, 0x0807_0605), 1, 8));
  expect(events.map(({ kind, vaddr, bytes, origin }) => [kind, vaddr, [...bytes], origin])).toEqual([
    ["store", at(1, -3), [1, 2, 3], 54],
    ["store", at(1), [4, 5, 6, 7, 8], 54],
  ]);
});

test("loads are translated in any case, and told when that is wanted", () => {
  for (const loads of ["recorded", "dropped"] as const) {
    const machine = machineFor({ loads });
    run(machine, "map 0-1 rw-; load 0; load 1");
    const events = told(machine, () => machine.load(0, at(1, -3), 8));
    const noted = events.filter(({ kind }) => kind === "load").map(({ vaddr, length }) => [vaddr, length]);
    expect(noted).toEqual(
      loads === "recorded"
        ? [
            [at(1, -3), 3],
            [at(1), 5],
          ]
        : [],
    );
    expect(entryOf(machine, 1)).toBe("zero r- A-");
  }
});

test("translations are flushed from the first page that changed to the last, and only if one did", () => {
  const machine = machineFor();
  run(machine, "map 0-9 rw-; store 2 01; store 4 01");
  const flushes = (program: string): unknown =>
    told(machine, () => run(machine, program))
      .filter(({ kind }) => kind === "tlb-page-flushed")
      .map(({ vaddr, length }) => [vaddr, length]);
  expect(flushes("protect 5-9 r--")).toEqual([]);
  expect(flushes("protect 0-4 r--")).toEqual([
    [at(2), 4096],
    [at(3), 4096],
    [at(4), 4096],
  ]);
  expect(flushes("unmap 0-2")).toEqual([[at(2), 4096]]);
});

test("what D said of a shared page stays when its entry goes, for the next checkpoint", () => {
  const machine = machineFor();
  const checkpointer = strategies[0].start();
  const rebuild = strategies[0].rebuild(machine.architecture);
  const take = (): Uint8Array | undefined => {
    const taken = checkpointer.take(machine.tracked);
    rebuild.add(machine.tracked.store, taken.path);
    return rebuild.image.pages.get(at(0))?.slice(0, 1);
  };
  run(machine, "map 0 rw- file 1 shared; store 0 01");
  expect(take()).toEqual(Uint8Array.of(1));
  run(machine, "store 0 02; unmap 0; map 0 rw- file 1 shared; load 0");
  expect(take()).toEqual(Uint8Array.of(2));
});

test("MREMAP_DONTUNMAP of a part leaves the tables of the rest", () => {
  const machine = machineFor();
  run(machine, "map 0-5 rw-; store 0 01; store 5 01; leave 3-5 to 1000");
  expect([entryOf(machine, 0), entryOf(machine, 5), entryOf(machine, 1002)]).toEqual(["own rw AD", "none", "own rw AD"]);
  checkInvariants(machine);
});

test("when frames run out, what happened before has happened and was told, and the machine goes on", () => {
  const log = new EventLog();
  const fold = new Fold(x86_64, 12);
  log.listen((batch) => fold.add(batch));
  const machine = new Machine({ frameCount: 12, log });
  run(machine, "map 0-9 rw-");
  const bytes = new Uint8Array(10 * 4096).fill(7);
  expect(() => machine.execute({ kind: "kernel-store", vaddr: at(0), bytes })).toThrow(OutOfFrames);
  expect(entryOf(machine, 0)).toBe("own rw AD");
  checkInvariants(machine);
  expect(Buffer.compare(fold.ram.bytes.subarray(0, 12 * 4096), Buffer.concat(frames(machine)))).toBe(0);
  run(machine, "unmap 0-9; map 9 rw-");
  expect(run(machine, "store 9 01")).toBe("done");
});

test("a move that lacks frames for its tables moves nothing", () => {
  const machine = machineFor({ frameCount: 10 });
  run(machine, "map 0-2 rw-; store 0 01; store 1 01; store 2 01");
  const areas = machine.space.areas;
  expect(() => run(machine, "move 0-2 to 1000000")).toThrow(OutOfFrames);
  expect(machine.space.areas).toEqual(areas);
  expect(entryOf(machine, 2)).toBe("own rw AD");
  checkInvariants(machine);
});

function frames(machine: Machine): readonly Uint8Array[] {
  return Array.from({ length: machine.memory.frameCount }, (_, pfn) => {
    const target = new Uint8Array(4096);
    machine.memory.read(pfn * 4096, target);
    return target;
  });
}

test.each([x86_64, i386])("a machine that resumes an image has its memory and state by facts, and goes on", (architecture) => {
  const first = machineFor({ architecture, pid: 7, startBrk: at(20) });
  run(
    first,
    "map 0-3 rw-; store 0 01; store 1 02; protect 1 r--; map 4 rw- shared; store 4 03; map 5 rw- file 1; load 5; store 3+4094 04",
  );
  first.execute({ kind: "move-break", address: at(22) });
  const taken = strategies[0].start().take(first.tracked);
  const rebuild = strategies[0].rebuild(architecture);
  rebuild.add(first.tracked.store, taken.path);

  const log = new EventLog(8, 2048);
  const fold = new Fold(architecture, 64);
  log.listen((batch) => fold.add(batch));
  const second = machineFor({ architecture, resume: rebuild.tree, log });
  const { pid, brk, startBrk, areas } = first.state.tasks[0];
  expect(second.state.tasks[0]).toMatchObject({ pid, brk, startBrk, areas });
  expect(second.state.nextObject).toBe(first.state.nextObject);
  for (const program of [
    "store 1 05",
    "store 0 06",
    "map 6 rw- shared; store 6 07",
    "unmap 0-1; map 1 rw-; load 1",
    "store 5 08",
    "discard 4; load 4",
  ]) {
    expect(run(second, program)).toBe(run(first, program));
    expect(second.space.areas).toEqual(first.space.areas);
    checkInvariants(second);
  }
  expect(second.state.cached.length).toBe(3);
  expect(fold.state).toEqual(second.state);
  expect(Buffer.compare(fold.ram.bytes, Buffer.concat(frames(second)))).toBe(0);
});

test.each(architectures)("a page that may only be executed is loaded after a resume without a fault: $name", (architecture) => {
  const first = machineFor({ architecture });
  run(first, "map 0 rwx; store 0 01; protect 0 --x");
  const taken = strategies[0].start().take(first.tracked);
  const rebuild = strategies[0].rebuild(architecture);
  rebuild.add(first.tracked.store, taken.path);
  const second = machineFor({ architecture, resume: rebuild.tree });
  const kinds = told(second, () => run(second, "load 0")).map(({ kind }) => kind);
  expect(kinds).not.toContain("page-faulted");
  expect(entryOf(second, 0)).toBe("own r- AD");
  checkInvariants(second);
});
