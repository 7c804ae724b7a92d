import { architectures, framesInUse } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { foldedMachine, holdExamples, linux6 } from "./examples.ts";
import { checkInvariants } from "./invariants.ts";
import { run } from "./notation.ts";

/** Frames for two runs of 1024, which is what one entry of i386 maps. */
const roomy = { frameCount: 4096 } as const;
/** Page 4 begins a table on every architecture; two of its pages are written. */
const small = "map 4-1027 rw-; store 4 01; store 6 02";
const large = `${small}; collapse 4`;

holdExamples(
  [
    ["pages become one, which is dirty", large, "done", "1:4 = 01; 1:6 = 02; 1:4 is large own rw AD"],
    ["what was not touched is zeros", large, "done", "1:5 = 00; 1:5 is large own rw AD"],
    ["stores go on", `${large}; store 5 03; store 4+8 04`, "done", "1:4 = 01; 1:4+8 = 04; 1:5 = 03"],
    ["a large page is one already", `${large}; collapse 9`, "done", "1:4 is large own rw AD"],
    ["split, its pages are as dirty as it was", `${large}; split 9`, "done", "1:4 is own rw AD; 1:5 is own rw AD; 1:6 = 02"],
    [
      "and may become one again",
      `${large}; split 9; store 7 05; collapse 4`,
      "done",
      "1:4 = 01; 1:7 = 05; 1:7 is large own rw AD",
    ],
    ["a part that is unmapped splits it", `${large}; unmap 5`, "done", "1:4 = 01; 1:5 = unmapped; 1:6 = 02; 1:6 is own rw AD"],
    ["the whole goes whole", `${large}; unmap 4-1027; map 4 rw-; load 4`, "done", "1:4 = 00; 1:6 = unmapped"],
    ["discarded whole, too", `${large}; discard 4-1027`, "done", "1:4 = 00; 1:4 is none"],
    ["in part it is split", `${large}; discard 4`, "done", "1:4 = 00; 1:6 = 02; 1:6 is own rw AD"],
    [
      "a part that is protected splits it",
      `${large}; protect 4 r--; store 4 03`,
      "SIGSEGV 4+0 forbidden",
      "1:4 = 01; 1:4 is own r- AD; 1:6 is own rw AD",
    ],
    ["advice that changes an area splits it at the area's ends", `${large}; advise 5 dontfork`, "done", "1:4 is own rw AD"],
    ["MADV_FREE takes small pages", `${large}; free 4; reclaim 4`, "done", "1:4 = 00; 1:6 = 02"],
    ["moved, it is small pages", `${large}; move 4-5 to 0`, "done", "1:0 = 01; 1:4 = unmapped; 1:6 = 02"],
    ["a child shares small pages", `${large}; fork; store 4 03`, "done", "1:4 = 03; 2:4 = 01; 2:6 = 02; 2:6 is own*2 r- -D"],
    ["reclaim takes one small page", `${large}; reclaim 4`, "done", "1:4 = 01; 1:4 is swapped; 1:6 is own rw AD"],
    ["migration, too", `${large}; migrate 4`, "done", "1:4 = 01; 1:6 = 02"],
    ["a device may write to a page of it", `${large}; pin 6 disk; device disk 09`, "done", "1:6 = 09; 1:6 is large own*2 rw AD"],
    ["nothing large, nothing to split", `${small}; split 4`, "EINVAL", ""],
    ["nothing there, nothing to split", "split 4", "EINVAL", ""],
    ["an area too small", "map 4-9 rw-; store 4 01; collapse 4", "EINVAL", ""],
    ["shared memory", "map 4-1027 rw- shared; store 4 01; collapse 4", "EINVAL", ""],
    ["nothing was touched", "map 4-1027 rw-; collapse 4", "EINVAL", ""],
    ["a page that may not be read", `${small}; protect 4-1027 ---; collapse 4`, "EINVAL", "1:4 is own forbidden AD"],
    ["a page that another task has", `${small}; fork; collapse 4`, "EAGAIN", "1:4 is own*2 r- AD"],
    ["a page that is swapped out", `${small}; reclaim 4; collapse 4`, "EAGAIN", "1:4 is swapped"],
    ["a page that is pinned", `${small}; pin 4 disk; collapse 4`, "EAGAIN", "1:4 is own*2 rw AD"],
  ],
  roomy,
);

holdExamples(
  [
    ["soft-dirty is cleared whole", `${large}; clear soft-dirty; load 6`, "done", "1:4 has -; 1:4 is large own r- AD"],
    ["soft-dirty: split keeps it", `${large}; split 4`, "done", "1:4 has S; 1:5 has S"],
    [
      "soft-dirty: the store that splits it sets all of it, for D is set",
      `${large}; clear soft-dirty; store 6 03`,
      "done",
      "1:4 has S; 1:6 has S",
    ],
    ["soft-dirty: collapse sets it for all", `${small}; clear soft-dirty; collapse 4`, "done", "1:4 has S; 1:5 has S"],
    ["what userfaultfd watches stays small", `${small}; guard 4; collapse 4`, "EINVAL", "1:4 has SU"],
  ],
  roomy,
  linux6,
);

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test("without frames side by side there is no large page, and nothing changes", () => {
    const { machine } = foldedMachine({ architecture, frameCount: 400 });
    run(machine, small);
    const before = framesInUse(machine.memory);
    expect(run(machine, "collapse 4")).toBe("ENOMEM");
    expect(framesInUse(machine.memory)).toBe(before);
    checkInvariants(machine);
  });

  test("a task that ends needs no frame to give its large pages back", () => {
    const pages = architecture.levels[architecture.levels.length - 2].span / 4096;
    const { machine } = foldedMachine({ architecture, frameCount: 2 * pages + 64 });
    run(machine, "map 2000-2001 rw-; fork; switch 2");
    const before = framesInUse(machine.memory);
    run(machine, `${large}; map 3000-9000 rw-`);
    let page = 3000;
    expect(() => {
      for (;;) run(machine, `store ${page++} 01`);
    }).toThrow("out of memory");
    run(machine, "exit");
    expect(framesInUse(machine.memory)).toBeLessThan(before);
    checkInvariants(machine);
  });
});
