import { describe, expect, test } from "vitest";
import { architectures } from "@pagelapse/mmu";
import { foldedMachine, holdExamples } from "./examples.ts";
import { run } from "./notation.ts";

holdExamples([
  [
    "msync takes D and W, and leaves a mark for a checkpoint",
    "map 0 rw- file 1 shared; store 0 07; sync 0 4",
    "done",
    "1:0 = 07; 1:0 is cache*2 r- A-; 1:0 lies pending cache",
  ],
  [
    "so that the next store is noticed",
    "map 0 rw- file 1 shared; store 0 07; sync 0 4; store 0 08",
    "done",
    "1:0 = 08; 1:0 is cache*2 rw AD",
  ],
  ["a load is not", "map 0 rw- file 1 shared; store 0 07; sync 0 4; load 0", "done", "1:0 is cache*2 r- A-"],
  [
    "it takes them from every entry, whichever task's",
    "map 0-1 rw- file 1 shared; move 1 to 4; unmap 4; map 4 rw- file 1 shared; store 4 07; fork; switch 2; store 0 08; sync 0 4",
    "done",
    "1:4 is cache*3 r- A-; 2:0 is cache*3 r- A-",
  ],
  ["the flusher does as msync", "map 0 rw- file 1 shared; store 0 07; writeback", "done", "1:0 is cache*2 r- A-"],
  ["a clean page loses W only", "map 0 rw- file 1 shared; load 0; sync 0 4; store 0 01", "done", "1:0 is cache*2 rw AD"],
  ["a private page stays as it is", "map 0 rw- file 1; store 0 07; sync 0 4", "done", "1:0 is own rw AD"],
  ["and so does shared memory without a file", "map 0 rw- shared; store 0 07; sync 0 4", "done", "1:0 is cache*2 rw AD"],
  ["MS_ASYNC leaves it to the flusher", "map 0 rw- file 1 shared; store 0 07; sync 0 1", "done", "1:0 is cache*2 rw AD"],
  ["no flags, nothing to do", "map 0 rw- file 1 shared; store 0 07; sync 0 0", "done", "1:0 is cache*2 rw AD"],
  ["MS_SYNC and MS_ASYNC exclude each other", "map 0 rw-; sync 0 5", "EINVAL", ""],
  ["an unknown flag", "map 0 rw-; sync 0 8", "EINVAL", ""],
  ["a start inside a page", "map 0 rw-; sync 0+8 4", "EINVAL", ""],
  [
    "a hole: what lies around it is done",
    "map 0 rw- file 1 shared; map 2 rw- file 2 shared; store 0 01; store 2 02; sync 0-2 4",
    "ENOMEM",
    "1:0 is cache*2 r- A-; 1:2 is cache*2 r- A-",
  ],
  ["a hole at the end", "map 0 rw- file 1 shared; store 0 01; sync 0-1 4", "ENOMEM", "1:0 is cache*2 r- A-"],
  [
    "MS_INVALIDATE of locked memory stops there",
    "map 0 rw- file 1 shared; map 1 rw- locked; map 2 rw- file 2 shared; store 0 01; store 2 02; sync 0-2 6",
    "EBUSY",
    "1:0 is cache*2 r- A-; 1:2 is cache*2 rw AD",
  ],
]);

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test.each([
    ["map 0 rw- file 1 shared; store 0 07", "a1"],
    ["map 0 rw- file 1 shared; store 0 07; sync 0 1", "a1"],
    ["map 0 rw- file 1 shared; store 0 07; sync 0 4", "07"],
    ["map 0 rw- file 1 shared; store 0 07; sync 0 4; store 0 08", "07"],
    ["map 0 rw- file 1 shared; store 0 07; unmap 0; writeback", "07"],
    ["map 0 rw- file 1 shared; store 0 07; reclaim 0", "07"],
    ["map 0 rw- file 1 shared; pin 0 disk; device disk 09; writeback", "09"],
    ["map 0 rw- file 1 shared; store 0 07; exit; writeback", "07"],
    ["map 0 rw- file 1; store 0 07; writeback", "a1"],
  ])("%s: the file has %s", (program, byte) => {
    const { machine } = foldedMachine({ architecture });
    run(machine, program);
    const bytes = new Uint8Array(1);
    expect(machine.files.read("f", 4096, bytes)).toBe("known");
    expect(Buffer.from(bytes).toString("hex")).toBe(byte);
  });
});
