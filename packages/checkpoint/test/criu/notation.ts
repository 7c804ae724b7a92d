// Process trees in words: `"10-14 rw-p [heap]"`, `"20-22 rw-s #7+1"`, `"30-33 r-xp /bin/cat+1"`, `"10+2 DATA"`. Numbers are pages.

import { frameBytes } from "@pagelapse/mmu";
import * as vma from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import fc from "fast-check";
import type { SavedProcess, SavedShared, SavedTree } from "../../src/criu/saved-tree.ts";
import { filesOf } from "../../src/criu/tree-files.ts";
import type { PageRun } from "../../src/image/page-run.ts";
import { present } from "../present.ts";

/** What Linux has in `vm_flags` of areas that `mmap` made so: VM_MAY* and VM_ACCOUNT are its. `r--S` is of a file opened only for reading. */
const rights: Readonly<Record<string, number>> = {
  "---p": 0x70,
  "r--p": 0x71,
  "rw-p": 0x10_0073,
  "r-xp": 0x75,
  rwxp: 0x10_0077,
  "---s": 0xf8,
  "r--s": 0xf9,
  "rw-s": 0xfb,
  "r--S": 0xd1,
};

const flagWords: Readonly<Record<string, number>> = {
  down: vma.VM_GROWSDOWN,
  locked: vma.VM_LOCKED,
  random: vma.VM_RAND_READ,
  sequential: vma.VM_SEQ_READ,
  dontfork: vma.VM_DONTCOPY,
  wipeonfork: vma.VM_WIPEONFORK,
  dontdump: vma.VM_DONTDUMP,
  hugepage: vma.VM_HUGEPAGE,
  nohugepage: vma.VM_NOHUGEPAGE,
};

/** An area, as it is read back. */
export function area(line: string): Area {
  const [range, right, ...words] = line.split(" ");
  const [start, end] = range.split("-").map((page) => Number(page) * frameBytes);
  const said = { file: undefined as string | undefined, object: undefined as number | undefined, name: "", offset: start };
  let flags = present(rights[right]);
  for (const word of words) {
    const [name, offset = "0"] = word.split("+");
    if (name.startsWith("/")) Object.assign(said, { file: name, name, offset: Number(offset) * frameBytes });
    else if (name.startsWith("#")) Object.assign(said, { object: Number(name.slice(1)), offset: Number(offset) * frameBytes });
    else if (name.startsWith("[")) said.name = name;
    else flags += present(flagWords[name]);
  }
  return { start, end, flags, ...said, anonVma: undefined };
}

/** Neighbouring pages. */
export function run(line: string): PageRun {
  const [range, kind] = line.split(" ");
  const [start, pageCount] = range.split("+").map(Number);
  return { start: start * frameBytes, pageCount, kind: kind as PageRun["kind"] };
}

/** A process. */
export function process(pid: number, parentPid: number, areas: readonly string[], runs: readonly string[]): SavedProcess {
  return { pid, parentPid, startBrk: 0x1000 * pid, brk: 0x1000 * pid + 0x123, areas: areas.map(area), runs: runs.map(run) };
}

/** Shared memory, `#7` or `/a`. */
export function memory(name: string, runs: readonly string[]): SavedShared {
  const isFile = name.startsWith("/");
  return {
    file: isFile ? name : undefined,
    object: isFile ? undefined : Number(name.slice(1)),
    runs: runs.map(run),
  };
}

/** The files of a tree, by name. */
export function written(tree: SavedTree, write: (tree: SavedTree) => Iterable<{ name: string; bytes: Uint8Array }> = filesOf) {
  return new Map([...write(tree)].map(({ name, bytes }) => [name, bytes]));
}

/** A tree with everything that trees have. */
export const family: SavedTree = {
  architecture: "x86-64",
  processes: [
    process(
      10,
      0,
      [
        "16-18 r-xp /bin/cat",
        "18-19 rw-p /bin/cat+2",
        "32-40 rw-p [heap]",
        "64-66 rw-s #7+1",
        "80-83 rw-s /tmp/shared+1",
        "90-92 r--S /tmp/read",
        "100-110 rw-p dontdump random",
        "34359738352-34359738360 rw-p [stack] down",
      ],
      ["18+1 DATA", "32+2 DATA", "34+1 ZERO", "35+1 PARENT", "100+1 PARENT", "34359738359+1 DATA"],
    ),
    process(11, 10, ["16-18 r-xp /bin/cat", "64-67 rw-s #7", "70-71 rw-s #8"], []),
    process(12, 11, ["5-6 ---p", "6-7 r--p", "7-9 rwxp locked"], ["6+1 ZERO", "7+1 DATA", "8+1 ZERO"]),
    process(13, 0, [], []),
  ],
  shared: [
    memory("#7", ["1+1 DATA", "5+1 PARENT"]),
    memory("/tmp/shared", ["0+1 DATA", "2+2 PARENT"]),
    memory("/gone", ["4+1 DATA"]),
  ],
};

const kinds: readonly PageRun["kind"][] = ["DATA", "ZERO", "PARENT"];

/** Runs over pages laid out one after another from 0; `gap` leaves one out, neighbours of one kind are joined. */
function runsAt(pages: readonly number[], says: readonly (PageRun["kind"] | "gap")[]): readonly PageRun[] {
  const runs: PageRun[] = [];
  pages.forEach((page, index) => {
    const kind = says[index % says.length];
    const last = runs.at(-1);
    if (kind === "gap") return;
    if (last?.kind === kind && last.start / frameBytes + last.pageCount === page) {
      runs[runs.length - 1] = { ...last, pageCount: last.pageCount + 1 };
    } else runs.push({ start: page * frameBytes, pageCount: 1, kind });
  });
  return runs;
}

const someAreas = fc.array(
  fc.record({
    gap: fc.constantFrom(0, 1, 2 ** 20),
    pageCount: fc.integer({ min: 1, max: 3 }),
    words: fc.constantFrom(
      "rw-p",
      "rw-p [heap]",
      "r--p dontfork wipeonfork",
      "rw-p [stack] down",
      "---p nohugepage",
      "rwxp locked hugepage sequential",
      "rw-s #1",
      "rw-s #2+3",
      "---s #3",
      "r-xp /a",
      "rw-p /a+2",
      "rw-s /b",
      "r--s /b+1125899906842624",
      "r--S /ü",
    ),
  }),
  { maxLength: 5, size: "max" },
);
const someKinds = (all: readonly PageRun["kind"][]) =>
  fc.array(fc.constantFrom(...all, "gap" as const), { minLength: 1, maxLength: 6, size: "max" });

/** Small trees whose areas, pages and shared memory meet. */
export const trees: fc.Arbitrary<SavedTree> = fc
  .record({
    architecture: fc.constantFrom("x86-64", "sv39"),
    members: fc.array(fc.record({ areas: someAreas, says: someKinds(kinds), parent: fc.nat() }), {
      minLength: 1,
      maxLength: 3,
      size: "max",
    }),
    shared: fc.uniqueArray(fc.record({ name: fc.constantFrom("#1", "#2", "/b", "/c"), says: someKinds(["DATA", "PARENT"]) }), {
      selector: ({ name }) => name,
      maxLength: 4,
      size: "max",
    }),
  })
  .map(({ architecture, members, shared }) => {
    const processes = members.map(({ areas, says, parent }, index) => {
      let at = 16;
      const laid = areas.map(({ gap, pageCount, words }) => {
        const start = at + gap;
        at = start + pageCount;
        return area(`${start}-${at} ${words}`);
      });
      // Pages of private memory; only where no file lies below can zeros go without saying.
      const pages = laid.flatMap(({ start, end, flags }) =>
        (flags & vma.VM_MAYSHARE) === 0
          ? Array.from({ length: (end - start) / frameBytes }, (_, page) => start / frameBytes + page)
          : [],
      );
      const runs = runsAt(pages, says).flatMap((run) => {
        const isAnonymous = vma
          .areasIn(laid, run.start, run.start + run.pageCount * frameBytes)
          .every(({ file }) => file === undefined);
        return run.kind === "ZERO" && !isAnonymous ? [] : [run];
      });
      return {
        pid: 5 + index,
        parentPid: index === 0 ? 0 : 5 + (parent % index),
        startBrk: index,
        brk: 4096 * index,
        areas: laid,
        runs,
      };
    });
    // Anonymous memory that nobody maps is no more.
    const mapped = new Set(processes.flatMap(({ areas }) => areas.map(({ object }) => object)));
    return {
      architecture,
      processes,
      shared: shared
        .map(({ name, says }) => ({ ...memory(name, []), runs: runsAt([0, 1, 2, 3, 7], says) }))
        .filter(({ file, object }) => file !== undefined || mapped.has(object)),
    };
  });
