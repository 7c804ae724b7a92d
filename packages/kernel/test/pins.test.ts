import { framesInUse, x86_64 } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { foldedMachine, holdExamples } from "./examples.ts";
import type { Example } from "./examples.ts";
import { checkInvariants } from "./invariants.ts";
import { run } from "./notation.ts";

/** Page 0 is pinned, and the next store to it faults. */
const pinned = "map 0 rw-; store 0 01; pin 0 disk; protect 0 r--; protect 0 rw-";

const pinExamples: readonly Example[] = [
  [
    "a device stores past entry and TLB: D is as it was, and the frame is marked",
    "map 0 rw-; pin 0 disk; store 0 01; sync 0 4; device disk+1 02",
    "done",
    "1:0 = 01; 1:0+1 = 02; 1:0 lies dirty pending",
  ],
  ["pinning brings the page in as a store would", "map 0 rw-; pin 0 disk", "done", "1:0 is own*2 rw AD"],
  ["and breaks copy-on-write", "map 0 rw-; store 0 01; fork; pin 0 disk; device disk 09", "done", "1:0 = 09; 2:0 = 01"],
  [
    "and brings it from the device of swap",
    "map 0 rw-; store 0 01; reclaim 0; pin 0 disk; device disk+1 09",
    "done",
    "1:0 = 01; 1:0+1 = 09",
  ],
  [
    "fork copies a pinned page at once, for the child",
    "map 0 rw-; store 0 01; pin 0 disk; fork; device disk 09",
    "done",
    "1:0 = 09; 2:0 = 01; 1:0 is own*2 rw AD; 2:0 is own rw AD",
  ],
  [
    "what is unmapped stays the device's",
    "map 0 rw-; pin 0 disk; unmap 0; map 0 rw-; store 0 01; device disk 09",
    "done",
    "1:0 = 01",
  ],
  ["what is discarded, too", "map 0 rw-; store 0 01; pin 0 disk; discard 0; load 0; device disk 09", "done", "1:0 = 00"],
  ["a page that moves keeps its frame", "map 4 rw-; store 4 01; pin 4 disk; move 4 to 0; device disk 09", "done", "1:0 = 09"],
  [
    "a page of a file is the file's",
    "map 0 rw- file 1 shared; pin 0 disk; device disk 09; unpin disk; reclaim 0; load 0",
    "done",
    "1:0 = 09; 1:0+1 = a1",
  ],
  ["shared memory is everybody's", "map 0 rw- shared; fork; pin 0 disk; device disk 09", "done", "1:0 = 09; 2:0 = 09"],
  ["a name is taken as long as it is used", "map 0-1 rw-; pin 0 disk; pin 1 disk", "EEXIST", ""],
  ["and free again then", "map 0-1 rw-; pin 0 disk; unpin disk; pin 1 disk; device disk 09", "done", "1:0 = 00; 1:1 = 09"],
  ["what may not be written is not pinned", "map 0 r--; pin 0 disk", "EFAULT", ""],
  ["nor what is not there", "pin 0 disk", "EFAULT", ""],
  ["nobody unpins what is not pinned", "unpin disk", "ENOENT", ""],
  ["nor stores through it", "device disk 01", "ENOENT", ""],
  ["a device stores into its page only", "map 0 rw-; pin 0 disk; device disk+4095 0102", "EINVAL", "1:0+4095 = 00"],
  ["a pinned page does not migrate", "map 0 rw-; pin 0 disk; migrate 0", "EBUSY", ""],
];

describe("sole-mapping", () => {
  holdExamples(pinExamples);
  holdExamples([
    [
      "the next store keeps the frame that the device has",
      `${pinned}; store 0+8 02; device disk 09`,
      "done",
      "1:0 = 09; 1:0+8 = 02",
    ],
  ]);
});

describe("sole-reference", () => {
  holdExamples(pinExamples, { reuse: "sole-reference" });
  holdExamples(
    [
      [
        "the next store copies the page, and what the device stores is lost",
        `${pinned}; store 0+8 02; device disk 09`,
        "done",
        "1:0 = 01; 1:0+8 = 02",
      ],
    ],
    { reuse: "sole-reference" },
  );
});

holdExamples([
  ["migration keeps bytes, entry and marks", "map 0 rw-; store 0 07; migrate 0", "done", "1:0 = 07; 1:0 is own rw AD"],
  [
    "of every task that has the page",
    "map 0 rw-; store 0 07; fork; migrate 0; switch 2; store 0 08",
    "done",
    "1:0 = 07; 1:0 is own r- AD; 2:0 = 08",
  ],
  ["PROT_NONE stays so", "map 0 rw-; store 0 07; protect 0 ---; migrate 0", "done", "1:0 is own forbidden AD; 1:0 = 07"],
  ["the next store goes to the new frame", "map 0 rw-; store 0 07; migrate 0; store 0 08; reclaim 0; load 0", "done", "1:0 = 08"],
  [
    "a slot goes along",
    "map 0 rw-; store 0 07; reclaim 0; fork; load 0; migrate 0; switch 2; load 0",
    "done",
    "1:0 is own*2 r- A-; 2:0 is own*2 r- A-; 2:0 = 07",
  ],
  ["MADV_FREE's mark goes along", "map 0 rw-; store 0 07; free 0; migrate 0; reclaim 0", "done", "1:0 = 00"],
  ["pages of the cache stay", "map 0 rw- shared; store 0 07; migrate 0", "EBUSY", ""],
  ["no page, no migration", "map 0 rw-; migrate 0", "ENOENT", ""],
  ["nor for one that is swapped out", "map 0 rw-; store 0 01; reclaim 0; migrate 0", "ENOENT", ""],
  ["nor for the zero frame", "map 0 rw-; load 0; migrate 0", "EFAULT", ""],
  ["nor where nothing is mapped", "migrate 0", "EFAULT", ""],
]);

test("a migration without a free frame changes nothing", () => {
  const { machine } = foldedMachine({ architecture: x86_64, frameCount: 11 });
  run(machine, "map 0 rw-; store 0 01");
  while (run(machine, "fork") === "done") checkInvariants(machine);
  const before = framesInUse(machine.memory);
  run(machine, "map 1-8 rw-; load 1");
  expect(run(machine, "migrate 0")).toBe("ENOMEM");
  expect(framesInUse(machine.memory)).toBe(before);
  checkInvariants(machine);
});

test("unpinned, the frame is free", () => {
  const { machine } = foldedMachine({ architecture: x86_64 });
  run(machine, "map 0-1 rw-; store 1 01");
  const before = framesInUse(machine.memory);
  run(machine, "pin 0 disk; discard 0");
  expect(framesInUse(machine.memory)).toBe(before + 1);
  run(machine, "unpin disk");
  expect(framesInUse(machine.memory)).toBe(before);
});
