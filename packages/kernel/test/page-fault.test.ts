import { peekPage } from "@pagelapse/checkpoint";
import { architectures, framesInUse } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { checkInvariants } from "./invariants.ts";
import { at, machineFor, run } from "./notation.ts";
import { entryOf } from "./sights.ts";

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test.each<[program: string, result: string, entry: string]>([
    ["map 0 rw-", "done", "none"],
    ["map 0 rw-; load 0", "done", "zero r- A-"],
    ["map 0 r--; load 0", "done", "zero r- A-"],
    ["map 0 rw-; store 0 01", "done", "own rw AD"],
    ["map 0 rw-; kernel 0 01", "done", "own rw AD"],
    ["map 0 rw-; load 0; store 0 01", "done", "own rw AD"],
    ["map 0 r--; store 0 01", "SIGSEGV 0+0 forbidden", "none"],
    ["map 0 r--; kernel 0+5 01", "SIGSEGV 0+5 forbidden", "none"],
    ["map 0 ---; load 0+7", "SIGSEGV 0+7 forbidden", "none"],
    ["map 0 -w-; load 0", "done", "zero r- A-"],
    ["map 0 --x; load 0", "done", "zero r- A-"],
    ["map 1 rw-; store 0+9 01", "SIGSEGV 0+9 unmapped", "none"],
    ["map 0 r-- file 1; load 0", "done", "cache*2 r- A-"],
    ["map 0 rw- file 1; load 0", "done", "cache*2 r- A-"],
    ["map 0 rw- file 1; store 0 01", "done", "own rw AD"],
    ["map 0 rw- file 1; load 0; store 0 01", "done", "own rw AD"],
    ["map 0 rw- file 1 shared; load 0", "done", "cache*2 r- A-"],
    ["map 0 rw- file 1 shared; store 0 01", "done", "cache*2 rw AD"],
    ["map 0 r-- file 1 shared; load 0", "done", "cache*2 r- A-"],
    ["map 0 rw- shared; load 0", "done", "cache*2 rw A-"],
    ["map 0 rw- shared; store 0 01", "done", "cache*2 rw AD"],
    ["map 0 rw-; store 0 01; protect 0 r--", "done", "own r- AD"],
    ["map 0 rw-; store 0 01; protect 0 r--; protect 0 rw-", "done", "own r- AD"],
    ["map 0 rw-; store 0 01; protect 0 r--; protect 0 rw-; store 0 02", "done", "own rw AD"],
    ["map 0 rw-; store 0 01; protect 0 ---", "done", "own forbidden AD"],
    ["map 0 rw-; store 0 01; protect 0 ---; load 0", "SIGSEGV 0+0 forbidden", "own forbidden AD"],
    ["map 0 rw-; store 0 01; protect 0 ---; protect 0 rw-; load 0", "done", "own r- AD"],
    ["map 0 r-- shared; load 0; protect 0 rw-; store 0 01", "done", "cache*2 rw AD"],
    ["map 0-1 rw-; store 0+4092 0102030405060708", "done", "own rw AD"],
    ["map 0 rw-; store 0 01; unmap 0", "done", "none"],
    ["map 0 rw-; store 0 01; discard 0; load 0", "done", "zero r- A-"],
    ["map 0 rw-; store 0 01; free 0", "done", "own rw --"],
    ["map 4 rw-; store 4 01; move 4 to 0", "done", "own rw AD"],
    ["map 0 rw-; store 0 01; leave 0 to 4", "done", "none"],
    ["map 0 rw-; store 0 01; leave 0 to 4; load 0", "done", "zero r- A-"],
    ["map 1 rw- stack; store 0+4000 01", "done", "own rw AD"],
    ["map 1 r-- stack; store 0+4000 01", "SIGSEGV 0+4000 forbidden", "none"],
  ])("%s: %s, and page 0 is: %s", (program, result, entry) => {
    const machine = machineFor({ architecture });
    expect(run(machine, program)).toBe(result);
    expect(entryOf(machine, 0)).toBe(entry);
    checkInvariants(machine);
  });

  test.each<[program: string, page: number, offset: number, bytes: string]>([
    ["map 0 rw-; store 0+8 010203", 0, 7, "00010203"],
    ["map 0-1 rw-; store 0+4092 0102030405060708", 1, 0, "050607080000"],
    ["map 0 rw-; store 0+4092 0102030405060708", 0, 4090, "000000000000"],
    ["map 0-1 rw-; protect 1 r--; store 0+4092 0102030405060708", 0, 4090, "000000000000"],
    ["map 0 rw-; kernel 0+4092 0102030405060708", 0, 4090, "000001020304"],
    ["map 0-1 rw-; store 0+4000 01*200", 1, 102, "010100"],
    ["map 0 rw-; store 0+4000 01*200", 0, 4062, "010100"],
    ["map 0 rw- file 1; load 0", 0, 0, "a1a1"],
    ["map 0 rw- file 1; store 0 77", 0, 0, "77a1"],
    ["map 0 rw- file 1; store 0 77; discard 0", 0, 0, "a1a1"],
    ["map 0 rw- file 1; store 0 77; unmap 0; map 0 rw- file 1", 0, 0, "a1a1"],
    ["map 0 rw- file 1 shared; store 0 77; unmap 0; map 0 r-- file 1", 0, 0, "77a1"],
    ["map 0 rw- file 1 shared; map 1 r-- file 1; store 0 77", 1, 0, "77a1"],
    ["map 0 rw- shared; store 0 77; discard 0", 0, 0, "7700"],
    ["map 0 rw- shared; store 0 77; unmap 0; map 0 rw- shared", 0, 0, "0000"],
    ["map 0-1 rw- shared; store 1 77; move 1 to 4", 4, 0, "7700"],
    ["map 0 rw- file 2; move 0 to 4", 4, 0, "a2a2"],
    ["map 0-1 rw-; store 0 01; store 1 02; move 0-1 to 3", 4, 0, "0200"],
    ["map 0 rw-; store 0 01; unmap 0; map 0 rw-; load 0", 0, 0, "0000"],
    ["map 1 rw- stack; store 1 01; kernel 0+4000 0203", 0, 4000, "0203"],
  ])("%s: page %i from byte %i on holds %s", (program, page, offset, bytes) => {
    const machine = machineFor({ architecture });
    run(machine, program);
    const target = new Uint8Array(4096);
    expect(peekPage(machine, at(page), target)).toBe("known");
    expect(Buffer.from(target.subarray(offset, offset + bytes.length / 2)).toString("hex")).toBe(bytes);
    checkInvariants(machine);
  });

  test.each([
    ["the first after the program's", architecture.taskSize],
    ["one with the low bits of a mapped page's, beyond what the tables look at", 2 ** 48 + at(0)],
    ["one with the low bits of a mapped page's, in the kernel's half", at(0) - 2 ** 63],
    ["the highest there is", -1],
    ["the first of the highest page", -4096],
  ])("%s is no address of the program's", (_name, vaddr) => {
    const machine = machineFor({ architecture });
    run(machine, "map 0 rw-; store 0 01");
    const [high, low] = [Math.floor(vaddr / 2 ** 32), vaddr & 0xffff_ffff];
    expect([machine.store(high, low, Uint32Array.of(1, 0), 0, 1), machine.load(high, low, 1)]).toEqual([-1, -1]);
    expect(machine.lastFault).toEqual({ signal: "SIGSEGV", vaddr, reason: "unmapped" });
    checkInvariants(machine);
  });

  test("what the last of several mappings leaves is nothing: frames, tables and all", () => {
    const machine = machineFor({ architecture });
    const before = framesInUse(machine.memory);
    run(machine, "map 0-5 rw-; store 0 01; store 5 01; load 2; unmap 1-4; unmap 0; unmap 5");
    expect(framesInUse(machine.memory)).toBe(before);
    checkInvariants(machine);
  });
});
