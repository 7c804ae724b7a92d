import { architectures } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { foldedMachine, holdExamples, linux6 } from "./examples.ts";
import { checkInvariants } from "./invariants.ts";
import { at, machineFor, run } from "./notation.ts";

const others: readonly Architecture[] = architectures.filter((architecture) => !linux6.includes(architecture));

describe("soft-dirty", () => {
  holdExamples(
    [
      ["a store sets it", "map 0 rw-; store 0 01", "done", "1:0 has S"],
      ["the kernel's, too", "map 0 rw-; kernel 0 01", "done", "1:0 has S"],
      ["a load does not", "map 0 rw-; load 0", "done", "1:0 has -"],
      ["cleared, W is gone and D stays", "map 0 rw-; store 0 01; clear soft-dirty", "done", "1:0 has -; 1:0 is own r- AD"],
      ["a load leaves it so", "map 0 rw-; store 0 01; clear soft-dirty; load 0", "done", "1:0 has -"],
      ["the next store sets it", "map 0 rw-; store 0 01; clear soft-dirty; store 0 02", "done", "1:0 has S; 1:0 is own rw AD"],
      ["the kernel's next store, too", "map 0 rw-; store 0 01; clear soft-dirty; kernel 0 02", "done", "1:0 has S"],
      ["a first store after it", "map 0 rw-; clear soft-dirty; store 0 02", "done", "1:0 has S"],
      ["one after a load", "map 0 rw-; clear soft-dirty; load 0; store 0 02", "done", "1:0 has S"],
      ["one to shared memory that was only read", "map 0 rw- shared; clear soft-dirty; load 0; store 0 05", "done", "1:0 has S"],
      ["and that was read before", "map 0 rw- shared; load 0; clear soft-dirty; store 0 05", "done", "1:0 has S"],
      ["one to a file", "map 0 rw- file 1 shared; store 0 01; clear soft-dirty; store 0 05", "done", "1:0 has S"],
      ["swap keeps it", "map 0 rw-; store 0 01; reclaim 0", "done", "1:0 has S"],
      ["there and back", "map 0 rw-; store 0 01; reclaim 0; load 0", "done", "1:0 has S"],
      ["and keeps it clear", "map 0 rw-; store 0 01; clear soft-dirty; reclaim 0; load 0", "done", "1:0 has -"],
      ["what is swapped out is cleared, too", "map 0 rw-; store 0 01; reclaim 0; clear soft-dirty; load 0", "done", "1:0 has -"],
      [
        "a store that brings it in sets it",
        "map 0 rw-; store 0 01; clear soft-dirty; reclaim 0; store 0 02",
        "done",
        "1:0 has S",
      ],
      ["a move sets it", "map 4 rw-; store 4 01; clear soft-dirty; move 4 to 0", "done", "1:0 has S"],
      [
        "on what is swapped out, too",
        "map 4 rw-; store 4 01; clear soft-dirty; reclaim 4; move 4 to 0",
        "done",
        "1:0 has S; 1:0 is swapped",
      ],
      ["fork keeps it in both", "map 0 rw-; store 0 01; fork", "done", "1:0 has S; 2:0 has S"],
      ["and keeps it clear in both", "map 0 rw-; store 0 01; clear soft-dirty; fork", "done", "1:0 has -; 2:0 has -"],
      [
        "who stores then sets one's own",
        "map 0 rw-; store 0 01; clear soft-dirty; fork; store 0 02",
        "done",
        "1:0 has S; 2:0 has -",
      ],
      ["one task's clearing is not the other's", "map 0 rw-; store 0 01; fork; clear soft-dirty", "done", "1:0 has -; 2:0 has S"],
      ["mprotect keeps it", "map 0 rw-; store 0 01; protect 0 r--", "done", "1:0 has S"],
      [
        "mprotect gives no W that would hide a store",
        "map 0 rw-; store 0 01; clear soft-dirty; protect 0 r--; protect 0 rw-; store 0 02",
        "done",
        "1:0 has S",
      ],
      ["migration keeps it", "map 0 rw-; store 0 01; migrate 0", "done", "1:0 has S"],
      ["and keeps it clear", "map 0 rw-; store 0 01; clear soft-dirty; migrate 0", "done", "1:0 has -"],
      ["write-back keeps it", "map 0 rw- file 1 shared; store 0 01; sync 0 4", "done", "1:0 has S"],
      ["MADV_FREE keeps it", "map 0 rw-; store 0 01; free 0", "done", "1:0 has S"],
      [
        "what is pinned keeps it, for the device's stores set nothing",
        "map 0 rw-; store 0 01; pin 0 disk; clear soft-dirty",
        "done",
        "1:0 has S; 1:0 is own*2 rw AD",
      ],
      ["not where the file is shared", "map 0 rw- file 1 shared; pin 0 disk; clear soft-dirty", "done", "1:0 has -"],
    ],
    {},
    linux6,
  );
  holdExamples(
    [["no such bit, nothing to clear", "map 0 rw-; store 0 01; clear soft-dirty", "EINVAL", "1:0 is own rw AD"]],
    {},
    others,
  );
});

describe("userfaultfd's write protection", () => {
  holdExamples(
    [
      ["a mark takes W", "map 0 rw-; store 0 01; guard 0", "done", "1:0 has SU; 1:0 is own r- AD"],
      ["a store takes the mark", "map 0 rw-; store 0 01; guard 0; store 0 02", "done", "1:0 has S; 1:0 is own rw AD"],
      ["the kernel's, too", "map 0 rw-; store 0 01; guard 0; kernel 0 02", "done", "1:0 has S"],
      ["a load does not", "map 0 rw-; store 0 01; guard 0; load 0", "done", "1:0 has SU"],
      ["the zero frame is marked, too", "map 0 rw-; load 0; guard 0; store 0 01", "done", "1:0 has S; 1:0 = 01"],
      ["a page that is not there is not", "map 0 rw-; guard 0; store 0 01", "done", "1:0 has S"],
      [
        "taken away, the next store asks for W",
        "map 0 rw-; store 0 01; guard 0; unguard 0",
        "done",
        "1:0 has S; 1:0 is own r- AD",
      ],
      [
        "only the range is marked",
        "map 0-2 rw-; store 0 01; store 1 01; store 2 01; guard 1",
        "done",
        "1:0 has S; 1:1 has SU; 1:2 has S",
      ],
      ["swap keeps it", "map 0 rw-; store 0 01; guard 0; reclaim 0", "done", "1:0 has SU"],
      ["there and back", "map 0 rw-; store 0 01; guard 0; reclaim 0; load 0", "done", "1:0 has SU; 1:0 is own r- A-"],
      ["what is swapped out is marked, too", "map 0 rw-; store 0 01; reclaim 0; guard 0; load 0", "done", "1:0 has SU"],
      [
        "a store to what is swapped out takes it",
        "map 0 rw-; store 0 01; guard 0; reclaim 0; store 0 02",
        "done",
        "1:0 has S; 1:0 = 02",
      ],
      ["a child has none", "map 0 rw-; store 0 01; guard 0; fork", "done", "1:0 has SU; 2:0 has S"],
      ["nor of what is swapped out", "map 0 rw-; store 0 01; guard 0; reclaim 0; fork", "done", "1:0 has SU; 2:0 has S"],
      ["a move takes it", "map 4 rw-; store 4 01; guard 4; move 4 to 0", "done", "1:0 has S"],
      ["migration keeps it", "map 0 rw-; store 0 01; guard 0; migrate 0", "done", "1:0 has SU"],
      ["mprotect keeps it", "map 0 rw-; store 0 01; guard 0; protect 0 r--; protect 0 rw-", "done", "1:0 has SU"],
      [
        "shared memory is marked in this task",
        "map 0 rw- shared; store 0 01; fork; guard 0; switch 2; store 0 02",
        "done",
        "1:0 has SU; 1:0 = 02",
      ],
      ["no area, no protection", "guard 0", "ENOENT", ""],
      ["half a page is none", "map 0 rw-; guard 0+8", "EINVAL", ""],
    ],
    {},
    linux6,
  );
  holdExamples([["no such bit, nothing to protect", "map 0 rw-; store 0 01; guard 0", "EINVAL", "1:0 is own rw AD"]], {}, others);
});

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))(
  "%s: the dirty log",
  (_, architecture) => {
    test.each<[promise: string, program: string, log: string]>([
      ["a store puts its page in the log", "map 0 rw-; log 4; store 0 01", "1:0"],
      ["once", "map 0 rw-; log 4; store 0 01; store 0 02", "1:0"],
      ["also if D was set before", "map 0 rw-; store 0 01; log 4; store 0 02", "1:0"],
      ["and if the page was loaded since", "map 0 rw-; store 0 01; log 4; load 0; store 0 02", "1:0"],
      ["a load does not", "map 0 rw-; store 0 01; log 4; load 0", ""],
      ["both pages of a store that lies in two", "map 0-1 rw-; log 4; store 0+4094 01*4", "1:0 1:1"],
      ["the kernel's stores, too", "map 0 rw-; log 4; kernel 0 01", "1:0"],
      ["what was read is noticed again", "map 0 rw-; log 4; store 0 01; take log; store 0 02", "1:0"],
      ["and only that", "map 0-1 rw-; log 4; store 0 01; take log; store 1 02", "1:1"],
      ["a copy of a page is another page", "map 0 rw-; store 0 01; fork; log 4; store 0 02; switch 2; store 0 03", "1:0 2:0"],
      ["a page that came back from swap, too", "map 0 rw-; log 4; store 0 01; reclaim 0; store 0 02", "1:0 1:0"],
      [
        "what does not fit is counted",
        "map 0-4 rw-; log 2; store 0 01; store 1 01; store 2 01; store 3 01",
        "1:0 1:1 and 2 more",
      ],
      ["until it is read", "map 0-4 rw-; log 2; store 0 01; store 1 01; store 2 01; take log; store 3 01", "1:3"],
      ["a device's stores are not heard of", "map 0 rw-; pin 0 disk; log 4; device disk 01", ""],
      ["a new log is empty", "map 0 rw-; log 4; store 0 01; log 4", ""],
    ])("%s: %s", (_promise, program, expected) => {
      const { machine } = foldedMachine({ architecture });
      run(machine, program);
      const { tasks, dirtyLog } = machine.state;
      const pages = dirtyLog?.pages.map(({ task, vaddr }) => `${tasks[task].pid}:${(vaddr - at(0)) / 4096}`) ?? ["no log"];
      const overflow = dirtyLog?.overflow ?? 0;
      expect(pages.join(" ") + (overflow > 0 ? ` and ${overflow} more` : "")).toBe(expected);
      checkInvariants(machine);
    });

    test.each([
      ["log 0", "EINVAL"],
      ["take log", "ENOENT"],
    ])("%s gives %s", (program, errno) => {
      expect(run(machineFor({ architecture }), program)).toBe(errno);
    });

    test("every processor's stores are heard of after the log was read", () => {
      const machine = machineFor({ architecture, processors: 2 });
      run(machine, "map 0 rw-; log 4; store 0 01; cpu1: store 0 02; take log; cpu1: store 0 03");
      expect(machine.state.dirtyLog?.pages).toEqual([{ task: 0, vaddr: at(0) }]);
    });
  },
);
