import { OutOfFrames } from "@pagelapse/kernel";
import { architectures, framesInUse } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { foldedMachine, holdExamples } from "./examples.ts";
import { checkInvariants } from "./invariants.ts";
import { at, machineFor, run } from "./notation.ts";
import { see } from "./sights.ts";

holdExamples([
  [
    "a write of the child is not seen by the parent",
    "map 0 rw-; store 0 01; fork; switch 2; store 0 02",
    "done",
    "1:0 = 01; 2:0 = 02",
  ],
  ["a write of the parent is not seen by the child", "map 0 rw-; store 0 01; fork; store 0 02", "done", "1:0 = 02; 2:0 = 01"],
  [
    "until one writes, both have one frame, neither may write it, and D stays",
    "map 0 rw-; store 0 01; fork",
    "done",
    "1:0 is own*2 r- AD; 2:0 is own*2 r- -D",
  ],
  ["who writes first gets a copy", "map 0 rw-; store 0 01; fork; store 0 02", "done", "1:0 is own rw AD; 2:0 is own r- -D"],
  [
    "who writes last gets the frame back",
    "map 0 rw-; store 0 01; fork; store 0 02; switch 2; store 0 03",
    "done",
    "1:0 = 02; 2:0 = 03; 2:0 is own rw AD",
  ],
  [
    "a child of a child goes its own way",
    "map 0 rw-; store 0 01; fork; switch 2; fork; switch 3; store 0 03; switch 2; store 0 02",
    "done",
    "1:0 = 01; 2:0 = 02; 3:0 = 03",
  ],
  [
    "the zero frame is nobody's",
    "map 0-1 rw-; store 1 01; load 0; fork; switch 2; store 0 05",
    "done",
    "1:0 = 00; 2:0 = 05; 1:0 is zero r- A-",
  ],
  ["memory that nobody wrote is not copied", "map 0 rw-; load 0; fork", "done", "2:0 is none; 2:0 = 00"],
  ["shared memory stays shared", "map 0 rw- shared; store 0 01; fork; switch 2; store 0 02", "done", "1:0 = 02; 2:0 = 02"],
  ["so does what nobody had touched", "map 0 rw- shared; fork; store 0 07", "done", "1:0 = 07; 2:0 = 07; 2:0 is none"],
  [
    "and what was mapped by one alone is one's own",
    "fork; map 0 rw- shared; store 0 07; switch 2; map 0 rw- shared",
    "done",
    "1:0 = 07; 2:0 = 00",
  ],
  ["a shared file stays shared", "map 0 rw- file 1 shared; store 0 01; fork; switch 2; store 0 02", "done", "1:0 = 02; 2:0 = 02"],
  [
    "a private page of a file is copied when it is written",
    "map 0 rw- file 1; load 0; fork; switch 2; store 0 02",
    "done",
    "1:0 = a1; 2:0 = 02",
  ],
  ["and what was written of it is inherited", "map 0 rw- file 1; store 0 03; fork; discard 0", "done", "1:0 = a1; 2:0 = 03"],
  [
    "MADV_DONTFORK: the child lacks it",
    "map 0-1 rw-; store 0 01; store 1 02; advise 0 dontfork; fork",
    "done",
    "1:0 = 01; 2:0 = unmapped; 2:1 = 02",
  ],
  [
    "MADV_WIPEONFORK: the child finds zeros",
    "map 0-1 rw-; store 0 01; store 1 02; advise 0 wipeonfork; fork",
    "done",
    "1:0 = 01; 2:0 = 00; 2:0 is none; 2:1 = 02",
  ],
  [
    "and so does its child",
    "map 0 rw-; store 0 01; advise 0 wipeonfork; fork; switch 2; store 0 05; fork",
    "done",
    "2:0 = 05; 3:0 = 00",
  ],
  [
    "what one unmaps the other keeps",
    "map 0 rw-; store 0 01; fork; unmap 0; switch 2; store 0 02",
    "done",
    "1:0 = unmapped; 2:0 = 02; 2:0 is own rw AD",
  ],
  [
    "protection is each one's own",
    "map 0 rw-; store 0 01; fork; protect 0 ---; switch 2; store 0 02",
    "done",
    "1:0 = 01; 1:0 is own forbidden AD; 2:0 = 02",
  ],
  ["what one discards the other keeps", "map 0 rw-; store 0 01; fork; discard 0; load 0", "done", "1:0 = 00; 2:0 = 01"],
  [
    "what the parent moves stays where it was in the child",
    "map 4 rw-; store 4 01; fork; move 4 to 0",
    "done",
    "1:0 = 01; 2:4 = 01; 2:0 = unmapped",
  ],
  ["the kernel's stores copy too", "map 0 rw-; store 0 01; fork; kernel 0 02", "done", "1:0 = 02; 2:0 = 01"],
  [
    "a store over two shared pages copies both",
    "map 0-1 rw-; store 0 01*8192; fork; store 0+4094 02*4",
    "done",
    "1:0+4095 = 02; 1:1 = 02; 2:0+4095 = 01; 2:1 = 01",
  ],
  [
    "what a task that ended shared is the other's alone",
    "map 0 rw-; store 0 01; fork; switch 2; exit; switch 1; store 0 02",
    "done",
    "1:0 = 02; 1:0 is own rw AD; 2:0 = unmapped",
  ],
  ["a child outlives its parent", "map 0 rw-; store 0 01; fork; exit; switch 2; store 0+1 02", "done", "2:0 = 01; 2:0+1 = 02"],
  ["a pid is taken as long as its task lives", "fork 7; fork 7", "EEXIST", ""],
  ["and another's after that", "map 0 rw-; store 0 01; fork 7; switch 7; store 0 02; exit; switch 1; fork 7", "done", "7:0 = 01"],
  ["no pid is 0", "fork 0", "EINVAL", ""],
  ["nobody switches to who is not there", "switch 2", "ESRCH", ""],
  ["nor to who ended", "fork; switch 2; exit; switch 1; switch 2", "ESRCH", ""],
  ["who ended does nothing", "fork; switch 2; exit; map 0 rw-", "ESRCH", ""],
  ["and has no memory", "map 0 rw-; store 0 01; fork; switch 2; exit; store 0 01", "SIGSEGV 0+0 unmapped", "1:0 = 01"],
  ["the world goes on", "map 0 rw-; pin 0 disk; exit; device disk 01", "done", "1:0 = unmapped"],
]);

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test("exit gives everything back: frames, tables, shared memory and slots", () => {
    const { machine } = foldedMachine({ architecture });
    run(machine, "map 0-3 rw-; store 0 01*16384");
    const before = framesInUse(machine.memory);
    run(machine, "fork; switch 2; store 0 02; store 1 02; map 4-6 rw- shared; store 4 01; reclaim 1; reclaim 2; exit; switch 1");
    run(machine, "store 2 03; store 0 03; store 1 03; store 3 03");
    expect(framesInUse(machine.memory)).toBe(before);
    checkInvariants(machine);
  });

  test("the child inherits check_count, break and file names go on under its own pid", () => {
    const machine = machineFor({ architecture });
    run(machine, "map 0 rw-; store 0 00");
    machine.execute({ kind: "checkpoint-range", incremental: 0, startPointer: at(0), endPointer: at(0) });
    run(machine, "fork 9; switch 9");
    machine.execute({ kind: "checkpoint-range", incremental: 0, startPointer: at(0), endPointer: at(0) });
    expect(machine.state.tasks.map(({ checkCount }) => checkCount)).toEqual([1, 2]);
    expect(machine.state.checkpoints.map(({ name }) => name)).toEqual(["cp_1_0", "cp_9_1"]);
  });

  test("a fork that lacks frames leaves no child, and the parent whole", () => {
    const outcomes = new Set<string>();
    for (let frameCount = 12; frameCount < 40; frameCount++) {
      const machine = machineFor({ architecture, frameCount, swapFrames: 2, tlb: { sets: 4, ways: 4 } });
      try {
        run(
          machine,
          "map 0-1 rw-; store 0 01; map 2 rw- file 1; store 2 02; map 5 rw-; store 5 03; reclaim 1; pin 0 disk; store 5 03",
        );
      } catch (error) {
        if (error instanceof OutOfFrames) continue;
        throw error;
      }
      const before = framesInUse(machine.memory);
      const outcome = run(machine, "fork");
      outcomes.add(outcome);
      checkInvariants(machine);
      if (outcome === "done") continue;
      expect(framesInUse(machine.memory)).toBe(before);
      expect(run(machine, "switch 2")).toBe("ESRCH");
      expect(run(machine, "store 0+1 04; store 2+1 04; store 5+1 04")).toBe("done");
      expect(see(machine, "1:0 = 01; 1:2 = 02; 1:5 = 03")).toBe("1:0 = 01; 1:2 = 02; 1:5 = 03");
    }
    expect([...outcomes].toSorted()).toEqual(["ENOMEM", "done"]);
  });
});
