import { strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy, TreeMemory } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import { at, machineFor, run } from "./notation.ts";

function named(name: string): Strategy {
  const strategy = strategyNamed(name);
  if (strategy === undefined) throw new Error(`no strategy ${name}`);
  return strategy;
}

/** The tree that a full checkpoint of the running process brings back. */
function saved(machine: Machine, strategy = named("dirty-bit")): TreeMemory {
  const rebuild = strategy.rebuild(machine.architecture);
  rebuild.add(machine.tracked.store, strategy.start().take(machine.tracked).path);
  return rebuild.tree;
}

/** The first byte of a page. */
function byteOf({ processes }: TreeMemory, pid: number, page: number): number | undefined {
  return processes.find((process) => process.pid === pid)?.pages.get(at(page))?.[0];
}

test("the processes that come from one stand behind their parents, and those whose parent has ended come from nobody", () => {
  const machine = machineFor();
  const pids = (): unknown => machine.tracked.descendants.map(({ space, parentPid }) => [space.pid, parentPid]);
  run(machine, "map 0 rw-; fork; switch 2; fork; switch 1; fork");
  expect(pids()).toEqual([
    [2, 1],
    [3, 2],
    [4, 1],
  ]);
  run(machine, "switch 2; exit; switch 1");
  expect(pids()).toEqual([[4, 1]]);
});

test("a tree comes back with its processes, and shares again what it shared", () => {
  const machine = machineFor();
  run(machine, "map 0 rw- shared; map 1 rw-; store 0 01; store 1 02; fork; switch 2; store 1 03; switch 1");
  const tree = saved(machine);
  expect(tree.processes.map(({ pid, parentPid }) => [pid, parentPid])).toEqual([
    [1, 0],
    [2, 1],
  ]);
  expect([byteOf(tree, 1, 1), byteOf(tree, 2, 1)]).toEqual([2, 3]);
  expect(tree.shared.map(({ pages }) => [...pages.keys()])).toEqual([[0]]);
  expect(tree.processes.every(({ pages }) => pages.get(at(0)) === tree.shared[0].pages.get(0))).toBe(true);

  const next = machineFor({ resume: tree });
  checkInvariants(next);
  run(next, "store 0 07; switch 2; store 1 08");
  expect(byteOf(saved(next), 2, 0)).toBe(7);
  run(next, "switch 1");
  expect([byteOf(saved(next), 1, 0), byteOf(saved(next), 2, 1), byteOf(saved(next), 1, 1)]).toEqual([7, 8, 2]);
});

test("shared memory that nobody maps any more is kept for an area that grows over it", () => {
  const machine = machineFor();
  run(machine, "map 0-1 rw- shared; store 0 01; store 1 02; unmap 1");
  const tree = saved(machine);
  expect([...tree.shared[0].pages.keys()]).toEqual([0, 4096]);
  const next = machineFor({ resume: tree });
  for (const grown of [machine, next])
    expect(grown.execute({ kind: "move-memory", start: at(0), oldBytes: 4096, newBytes: 8192, flags: 0, to: 0 })).toMatchObject({
      kind: "done",
    });
  expect([byteOf(saved(machine), 1, 1), byteOf(saved(next), 1, 1)]).toEqual([2, 2]);
});

test("a page that another process of the tree stored to is in the next increment", () => {
  for (const name of ["dirty-bit", "soft-dirty", "write-protect", "dirty-log", "content-hash", "sub-page", "forked"]) {
    const machine = machineFor();
    const strategy = named(name);
    const checkpointer = strategy.start();
    const rebuild = strategy.rebuild(machine.architecture);
    const take = (): unknown => {
      const taken = checkpointer.take(machine.tracked);
      rebuild.add(machine.tracked.store, taken.path);
      return "pagesSaved" in taken && taken.pagesSaved;
    };
    run(machine, "map 0 rw- shared; map 1 rw-; store 0 01; store 1 01; fork; switch 2; store 0 02; switch 1");
    expect(take(), name).toBe(3);
    run(machine, "switch 2; store 0 03; switch 1");
    expect(take(), name).toBe(1);
    run(machine, "switch 2; store 1 04; switch 1");
    expect(take(), name).toBe(1);
    expect([byteOf(rebuild.tree, 1, 0), byteOf(rebuild.tree, 1, 1), byteOf(rebuild.tree, 2, 1)], name).toEqual([3, 1, 4]);
  }
});

test("a mark is kept for whom a frame is shared with outside of the tree", () => {
  const machine = machineFor();
  const [ours, theirs] = [named("dirty-bit").start(), named("dirty-bit").start()];
  const rebuild = named("dirty-bit").rebuild(machine.architecture);
  run(machine, "map 0 rw-; store 0 01");
  rebuild.add(machine.tracked.store, ours.take(machine.tracked).path);
  machine.execute({ kind: "pin-page", name: "P", vaddr: at(0) });
  machine.execute({ kind: "device-store", name: "P", offset: 0, bytes: Uint8Array.of(2) });
  machine.execute({ kind: "unpin-page", name: "P" });
  run(machine, "fork; switch 2");
  expect(theirs.take(machine.tracked)).toMatchObject({ kind: "committed" });
  run(machine, "exit; switch 1");
  rebuild.add(machine.tracked.store, ours.take(machine.tracked).path);
  expect(byteOf(rebuild.tree, 1, 0)).toBe(2);
});

test("a forked checkpoint holds the moment of the fork, whatever the program does before it is written", () => {
  const machine = machineFor();
  const strategy = named("forked");
  const rebuild = strategy.rebuild(machine.architecture);
  run(machine, "map 0-2 rw-; map 3 rw- shared; store 0 01; store 1 01; store 3 01");
  const begun = strategy.start().steps?.(machine.tracked);
  begun?.collect();
  begun?.clear();
  run(machine, "store 0 02; store 3 02; unmap 1; fork; switch 2; store 0 03; switch 1");
  begun?.copy();
  const result = begun?.commit();
  if (result?.kind !== "committed") throw new Error(`${result?.kind}`);
  rebuild.add(machine.tracked.store, result.path);
  expect([0, 1, 3].map((page) => byteOf(rebuild.tree, 1, page))).toEqual([1, 1, 1]);
  expect(rebuild.tree.processes.length).toBe(1);
  expect(machine.state.tasks.filter(({ state }) => state === "alive").map(({ pid }) => pid)).toEqual([1, 2]);
  expect(machine.execute({ kind: "switch-task", pid: 0 })).toEqual({ kind: "failed", errno: "ESRCH" });
  checkInvariants(machine);
});

test("a checkpoint during which a process comes or goes fails, and the next one has all", () => {
  const machine = machineFor();
  const checkpointer = named("dirty-bit").start();
  run(machine, "map 0 rw-; store 0 01");
  const steps = checkpointer.steps?.(machine.tracked);
  steps?.collect();
  run(machine, "fork");
  steps?.clear();
  steps?.copy();
  expect(steps?.commit()).toMatchObject({ kind: "failed", reason: "processes came or went while it was taken" });
  expect(checkpointer.take(machine.tracked)).toMatchObject({ kind: "committed", pagesSaved: 2 });
});
