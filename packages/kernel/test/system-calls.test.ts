import { architectures } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { MemoryFileSystem } from "@pagelapse/vfs";
import { describe, expect, test } from "vitest";
import type { Machine } from "@pagelapse/kernel";
import { checkInvariants } from "./invariants.ts";
import { at, machineFor, run } from "./notation.ts";

/** Two words in user memory, side by side at the start of page 0. */
function words(machine: Machine, ...values: readonly number[]): void {
  const { wordBytes } = machine.architecture;
  const bytes = new Uint8Array(wordBytes * values.length);
  values.forEach((value, index) => {
    for (let i = 0, rest = value; i < wordBytes; i++, rest = Math.floor(rest / 256)) bytes[index * wordBytes + i] = rest % 256;
  });
  machine.execute({ kind: "store", vaddr: at(0), bytes });
}

function checkpoint(machine: Machine, incremental: 0 | 1, startPointer: number, endPointer: number): string {
  const result = machine.execute({ kind: "checkpoint-range", incremental, startPointer, endPointer });
  return result.kind === "failed" ? result.errno : result.kind === "done" ? `${result.value}` : result.kind;
}

function checkCount(machine: Machine): number {
  return machine.state.tasks[0].checkCount;
}

describe.each(architectures.map((architecture): [string, Architecture] => [architecture.name, architecture]))(
  "%s",
  (_, architecture) => {
    const recordBytes = architecture.wordBytes + 4096 + 1;

    test("sys_cp_range takes its range from user memory and writes cp_<pid>_<check_count>", () => {
      const store = new MemoryFileSystem();
      const machine = machineFor({ architecture, store, pid: 42 });
      run(machine, "map 0-2 rw-; store 0 01; store 1 02; store 2 03");
      words(machine, at(1), at(3));
      expect(checkpoint(machine, 0, at(0), at(0, architecture.wordBytes))).toBe("0");
      expect(machine.state.checkpoints).toEqual([
        { task: 0, state: "committed", strategy: "report-basic", name: "cp_42_0", pagesSaved: 2, byteCount: 2 * recordBytes },
      ]);
      expect(checkpoint(machine, 1, at(0), at(0, architecture.wordBytes))).toBe("0");
      expect(machine.state.checkpoints[1]).toMatchObject({ strategy: "report-incremental", name: "cp_42_1", pagesSaved: 2 });
      expect(checkCount(machine)).toBe(2);
      checkInvariants(machine, "maybe left over");
    });

    test.each<[why: string, result: string, start: number, end: number]>([
      ["NULL for the start", "EFAULT", 0, at(0)],
      ["a pointer to the end that nothing is mapped at", "EFAULT", at(0), at(9)],
      ["a pointer over the end of what is mapped", "EFAULT", at(2, 4095), at(0)],
      ["a pointer to PROT_NONE", "EFAULT", at(0), at(1)],
      ["a pointer into the kernel", "EFAULT", at(0), architecture.taskSize],
      ["a pointer whose word reaches into the kernel", "EFAULT", architecture.taskSize - 1, at(0)],
    ])("%s: %s, and nothing was counted", (_why, result, start, end) => {
      const machine = machineFor({ architecture });
      run(machine, "map 0 rw-; map 1 ---; map 2 rw-; store 0 00");
      expect(checkpoint(machine, 0, start, end)).toBe(result);
      expect([checkCount(machine), machine.state.checkpoints.length]).toEqual([0, 0]);
    });

    test.each<[value: string, end: number, result: string, count: number]>([
      ["TASK_SIZE", architecture.taskSize, "0", 1],
      ["TASK_SIZE + 1", architecture.taskSize + 1, "EPERM", 0],
      ["one of the highest words", 2 ** (8 * architecture.wordBytes) - 2048, "EPERM", 0],
    ])("a range that ends at %s gives %s: %s", (_value, end, result, count) => {
      const machine = machineFor({ architecture });
      run(machine, "map 0 rw-");
      words(machine, 0, end);
      expect(checkpoint(machine, 0, at(0), at(0, architecture.wordBytes))).toBe(result);
      expect(checkCount(machine)).toBe(count);
    });

    test("a word that lies in two pages is read whole", () => {
      const machine = machineFor({ architecture });
      run(machine, "map 0-2 rw-");
      words(machine, architecture.taskSize);
      run(machine, `store 1+4094 ${"00".repeat(architecture.wordBytes)}`);
      expect(checkpoint(machine, 0, at(1, 4094), at(0))).toBe("0");
      expect(machine.state.checkpoints[0]).toMatchObject({ pagesSaved: 3 });
    });

    test("a file that does not open is counted, and the call returns 0 as the report's does", () => {
      const machine = machineFor({ architecture, store: new MemoryFileSystem({ inodeCapacity: 1 }) });
      run(machine, "map 0 rw-");
      words(machine, 0, at(1));
      expect(checkpoint(machine, 1, at(0), at(0, architecture.wordBytes))).toBe("0");
      expect(machine.state.checkpoints).toMatchObject([{ state: "failed" }]);
      expect(checkCount(machine)).toBe(1);
    });
  },
);

test.each<[call: string, address: number, value: number]>([
  ["grows the heap", 0x100_2001, 0x100_2001],
  ["below its start leaves it", 0x80_0000, 0x100_0000],
  ["where it is asks only", 0x100_0000, 0x100_0000],
])("a break moved %s", (_call, address, value) => {
  const machine = machineFor({ startBrk: 0x100_0000 });
  expect(machine.execute({ kind: "move-break", address })).toEqual({ kind: "done", value });
  expect(machine.state.tasks[0].brk).toBe(value);
  const names = machine.space.areas.map((area) => `${area.name} ${area.end - area.start}`);
  expect(names).toEqual(value > 0x100_0000 ? ["[heap] 12288"] : []);
});

test("a call that fails half way changes what Linux would have changed, tables too", () => {
  const machine = machineFor();
  expect(run(machine, "map 0 rw-; map 2 rw-; store 0 01; store 2 01; protect 0-2 r--")).toBe("ENOMEM");
  expect(run(machine, "store 0 02")).toBe("SIGSEGV 0+0 forbidden");
  expect(run(machine, "store 2 02")).toBe("done");
  checkInvariants(machine);
});
