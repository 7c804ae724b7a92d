import { strategyNamed } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { architectures, findEntry, x86_64 } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { foldedMachine, holdExamples } from "./examples.ts";
import type { Example } from "./examples.ts";
import { checkInvariants } from "./invariants.ts";
import { at, run } from "./notation.ts";
import { see } from "./sights.ts";

/** Four slots are full, and page 4 waits. */
const full =
  "map 0-4 rw-; store 0 01; store 1 02; store 2 03; store 3 04; store 4 05; reclaim 0; reclaim 1; reclaim 2; reclaim 3";

const swapExamples: readonly Example[] = [
  ["a page that is swapped out holds what it held", "map 0 rw-; store 0 07; reclaim 0", "done", "1:0 is swapped; 1:0 = 07"],
  [
    "loaded again it is clean, and may not be written yet",
    "map 0 rw-; store 0 07; reclaim 0; load 0",
    "done",
    "1:0 = 07; 1:0 is own r- A-",
  ],
  [
    "stored to again it keeps its other bytes",
    "map 0 rw-; store 0 07; reclaim 0; store 0+1 08",
    "done",
    "1:0 = 07; 1:0+1 = 08; 1:0 is own rw AD",
  ],
  [
    "out and in and out it holds the last store",
    "map 0 rw-; store 0 07; reclaim 0; store 0 08; reclaim 0; load 0",
    "done",
    "1:0 = 08",
  ],
  [
    "and the last of a load, a store and a way out",
    "map 0 rw-; store 0 07; reclaim 0; load 0; store 0 08; reclaim 0",
    "done",
    "1:0 = 08",
  ],
  [
    "a page that was only loaded goes out again",
    "map 0 rw-; store 0 07; reclaim 0; load 0; reclaim 0",
    "done",
    "1:0 = 07; 1:0 is swapped",
  ],
  [
    "a store over two pages that are out",
    "map 0-1 rw-; store 0 01*8192; reclaim 0; reclaim 1; store 0+4094 02*4",
    "done",
    "1:0 = 01; 1:0+4095 = 02; 1:1 = 02; 1:1+2 = 01",
  ],
  [
    "a written private page of a file",
    "map 0 rw- file 1; store 0 07; reclaim 0; load 0",
    "done",
    "1:0 = 07; 1:0+1 = a1; 1:0 is own r- A-",
  ],
  [
    "fork names the slot once more",
    "map 0 rw-; store 0 07; reclaim 0; fork",
    "done",
    "1:0 is swapped*2; 2:0 is swapped*2; 2:0 = 07",
  ],
  [
    "a page of two tasks is taken from both",
    "map 0 rw-; store 0 07; fork; reclaim 0",
    "done",
    "1:0 is swapped*2; 2:0 is swapped*2",
  ],
  [
    "who brings it in puts it into the swap cache",
    "map 0 rw-; store 0 07; reclaim 0; fork; load 0",
    "done",
    "1:0 is own r- A-; 2:0 is swapped cached; 2:0 = 07",
  ],
  [
    "where the other finds it",
    "map 0 rw-; store 0 07; reclaim 0; fork; load 0; switch 2; load 0",
    "done",
    "1:0 is own*2 r- A-; 2:0 is own*2 r- A-",
  ],
  [
    "who stores to it gets a copy, and the other still finds the old bytes",
    "map 0 rw-; store 0 07; reclaim 0; fork; store 0 08",
    "done",
    "1:0 = 08; 2:0 = 07; 2:0 is swapped",
  ],
  [
    "also who loaded it before",
    "map 0 rw-; store 0 07; reclaim 0; fork; load 0; store 0 08; switch 2; load 0",
    "done",
    "1:0 = 08; 2:0 = 07",
  ],
  [
    "a page in the swap cache that goes out again is named twice again",
    "map 0 rw-; store 0 07; reclaim 0; fork; load 0; reclaim 0",
    "done",
    "1:0 is swapped*2; 2:0 is swapped*2; 2:0 = 07",
  ],
  [
    "protection is kept",
    "map 0 rw-; store 0 07; reclaim 0; protect 0 r--; store 0 08",
    "SIGSEGV 0+0 forbidden",
    "1:0 = 07; 1:0 is swapped",
  ],
  [
    "and comes with the page",
    "map 0 rw-; store 0 07; protect 0 ---; reclaim 0; protect 0 r--; load 0",
    "done",
    "1:0 is own r- A-",
  ],
  ["it moves", "map 4 rw-; store 4 07; reclaim 4; move 4 to 0; load 0", "done", "1:0 = 07; 1:4 = unmapped"],
  ["discarded it is gone", "map 0 rw-; store 0 07; reclaim 0; discard 0", "done", "1:0 is none; 1:0 = 00"],
  ["freed (MADV_FREE) it is gone at once", "map 0 rw-; store 0 07; reclaim 0; free 0", "done", "1:0 is none; 1:0 = 00"],
  ["a device that is full takes no page", `${full}; reclaim 4`, "ENOSPC", "1:4 = 05; 1:4 is own rw AD"],
  ["a slot is free when its page is unmapped", `${full}; unmap 0; reclaim 4`, "done", "1:4 = 05; 1:4 is swapped"],
  ["not while another names it", `${full}; fork; unmap 0; reclaim 4`, "ENOSPC", "2:0 = 01"],
  ["and when who names it ends", `${full}; fork; unmap 0; switch 2; exit; switch 1; reclaim 4`, "done", "1:4 is swapped"],
  ["a page that was loaded back keeps its slot", `${full}; load 0; reclaim 4`, "ENOSPC", "1:0 is own r- A-"],
  ["the zero frame stays", "map 0 rw-; load 0; reclaim 0", "EBUSY", "1:0 is zero r- A-"],
  ["so does shared memory", "map 0 rw- shared; store 0 01; reclaim 0", "EBUSY", "1:0 is cache*2 rw AD"],
  ["and locked memory", "map 0 rw- locked; store 0 01; reclaim 0", "EBUSY", "1:0 is own rw AD"],
  ["and what is pinned", "map 0 rw-; pin 0 disk; reclaim 0", "EBUSY", "1:0 = 00"],
  ["where no page is, none is taken", "map 0 rw-; reclaim 0", "EFAULT", "1:0 is none"],
  ["nor where it is out", "map 0 rw-; store 0 01; reclaim 0; reclaim 0", "EFAULT", "1:0 is swapped"],
  ["nor where nothing is mapped", "reclaim 0", "EFAULT", "1:0 = unmapped"],
  ["a page of a file is read again", "map 0 rw- file 1; load 0; reclaim 0; load 0", "done", "1:0 = a1; 1:0 is cache*2 r- A-"],
  [
    "its entry is gone meanwhile, also another task's",
    "map 0 rw- file 1 shared; load 0; fork; switch 2; load 0; reclaim 0",
    "done",
    "1:0 is none; 2:0 is none",
  ],
  [
    "what was stored to it came to the file",
    "map 0 rw- file 1 shared; store 0 07; reclaim 0; load 0",
    "done",
    "1:0 = 07; 1:0+1 = a1",
  ],
];

/** A page that was swapped in was stored to, and another waits. */
const stored = `${full}; store 0 09; reclaim 4`;

describe("2.6", () => {
  holdExamples([...swapExamples, ["a page that was stored to keeps its slot", stored, "ENOSPC", "1:4 is own rw AD"]]);
});

describe("modern", () => {
  holdExamples([...swapExamples, ["a page that was stored to gives its slot up", stored, "done", "1:0 = 09; 1:4 is swapped"]], {
    swap: "modern",
  });
});

/** D goes, and nobody is told: what the report's increments do to each page that they save. */
function clearDirty(machine: Machine, page: number): void {
  machine.tracked.testAndClearDirty(at(page), findEntry(machine.memory, machine.architecture, machine.space.root, at(page)));
  machine.tracked.flush();
}

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test.each([
    ["2.6" as const, "01"],
    ["modern" as const, "02"],
  ])("D cleared behind the kernel's back: under %s the program reads %s where it stored 02", (swap, found) => {
    const { machine } = foldedMachine({ architecture, swap });
    run(machine, "map 0 rw-; store 0 01; reclaim 0; store 0 02");
    clearDirty(machine, 0);
    run(machine, "reclaim 0; load 0");
    expect(see(machine, "1:0 = ")).toBe(`1:0 = ${found}`);
    checkInvariants(machine);
  });

  test("dirty-bit hands D on, so that the program reads what it stored", () => {
    const { machine } = foldedMachine({ architecture });
    run(machine, "map 0 rw-; store 0 01; reclaim 0; store 0 02");
    const taken = strategyNamed("dirty-bit")?.start().take(machine.tracked);
    expect(taken?.kind).toBe("committed");
    expect(see(machine, "1:0 is own rw A-")).toBe("1:0 is own rw A-");
    run(machine, "reclaim 0; load 0");
    expect(see(machine, "1:0 = 02")).toBe("1:0 = 02");
  });
});

test("a clean page is not written to its slot again", () => {
  const { machine } = foldedMachine({ architecture: x86_64 });
  run(machine, "map 0 rw-; store 0 01; reclaim 0; load 0");
  const kinds: string[] = [];
  const subscription = machine.events$.subscribe(({ kind }) => kinds.push(kind));
  run(machine, "reclaim 0");
  subscription.unsubscribe();
  expect(kinds).toContain("entry-swapped");
  expect(kinds).not.toContain("frame-copied");
});

describe("MADV_FREE", () => {
  holdExamples([
    [
      "a page is there until reclaim comes",
      "map 0 rw-; store 0 01; free 0",
      "done",
      "1:0 = 01; 1:0 is own rw --; 1:0 lies pending lazyFree",
    ],
    ["which drops it", "map 0 rw-; store 0 01; free 0; reclaim 0", "done", "1:0 = 00; 1:0 is none"],
    ["a load does not keep it", "map 0 rw-; store 0 01; free 0; load 0; reclaim 0", "done", "1:0 = 00"],
    ["a store does", "map 0 rw-; store 0 01; free 0; store 0+1 02; reclaim 0", "EBUSY", "1:0 = 01; 1:0+1 = 02; 1:0 is own rw AD"],
    [
      "and then it is a page like any other",
      "map 0 rw-; store 0 01; free 0; store 0+1 02; reclaim 0; reclaim 0",
      "done",
      "1:0 = 01; 1:0 is swapped",
    ],
    [
      "a store after mprotect does, too",
      "map 0 rw-; store 0 01; free 0; store 0 02; protect 0 r--; protect 0 rw-; reclaim 0",
      "EBUSY",
      "1:0 = 02",
    ],
    ["a device's does", "map 0 rw-; store 0 01; free 0; pin 0 disk; device disk 02; unpin disk; reclaim 0", "EBUSY", "1:0 = 02"],
    [
      "what fork shared is not freed",
      "map 0 rw-; store 0 01; fork; free 0; reclaim 0",
      "done",
      "1:0 = 01; 2:0 = 01; 1:0 is swapped*2",
    ],
    [
      "fork after it: who stores keeps his",
      "map 0 rw-; store 0 01; free 0; fork; store 0 02; switch 2; reclaim 0",
      "done",
      "1:0 = 02; 2:0 = 00",
    ],
    ["a page in the swap cache loses its slot", `${full}; load 0; free 0; reclaim 4`, "done", "1:0 = 01; 1:4 is swapped"],
    ["shared memory refuses", "map 0 rw- shared; store 0 01; free 0", "EINVAL", "1:0 = 01"],
  ]);
});
