// Trees written and read back.

import { VM_GROWSDOWN, VM_SHARED } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areaOf, entryOf } from "../../src/criu/area-entry.ts";
import { pagesFilesOf } from "../../src/criu/pages-files.ts";
import { treeOf } from "../../src/criu/read-tree.ts";
import type { SavedProcess, SavedTree } from "../../src/criu/saved-tree.ts";
import { filesOf } from "../../src/criu/tree-files.ts";
import { area, family, process, run, trees, written } from "./notation.ts";

/** What of a tree CRIU's files say: no ZERO pages, and no shared memory without pages. */
function listed({ architecture, processes, shared }: SavedTree): SavedTree {
  return {
    architecture,
    processes: processes.map((saved) => ({ ...saved, runs: saved.runs.filter(({ kind }) => kind !== "ZERO") })),
    shared: shared.filter(({ runs }) => runs.length > 0),
  };
}

function readBack(tree: SavedTree, write: typeof filesOf = filesOf): SavedTree {
  const files = written(tree, write);
  const { architecture, processes, shared } = treeOf((name) => files.get(name));
  return { architecture, processes, shared };
}

describe("a tree comes back as it was written", () => {
  test("with forks, shared memory, files mapped both ways and pages in the parent", () => {
    expect(readBack(family)).toEqual(listed(family));
  });

  const seen = { zero: 0, parent: 0, sharedByTwo: 0, untouched: 0, file: 0 };
  test("any of them, and written again it has the same bytes", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const runs = tree.processes.flatMap((saved) => saved.runs);
        const objects = tree.processes.map(({ areas }) => new Set(areas.flatMap(({ object }) => object ?? [])));
        if (runs.some(({ kind }) => kind === "ZERO")) seen.zero += 1;
        if (runs.some(({ kind }) => kind === "PARENT")) seen.parent += 1;
        if (objects.length > 1 && [...objects[0]].some((object) => objects[1].has(object))) seen.sharedByTwo += 1;
        if (objects.some((all) => [...all].some((object) => !tree.shared.some((shared) => shared.object === object))))
          seen.untouched += 1;
        if (tree.shared.some(({ file, runs: pages }) => file !== undefined && pages.length > 0)) seen.file += 1;
        expect(readBack(tree)).toEqual(listed(tree));
        expect([...filesOf(readBack(tree))]).toEqual([...filesOf(tree)]);
      }),
      { numRuns: 500 },
    );
    for (const [state, times] of Object.entries(seen)) expect(times, state).toBeGreaterThan(20);
  });

  const changing = (change: (saved: SavedProcess) => SavedProcess): typeof filesOf =>
    function* (tree) {
      yield* filesOf({ ...tree, processes: tree.processes.map(change) });
    };
  const areasChanged = (change: (area: Area) => Area) => changing((saved) => ({ ...saved, areas: saved.areas.map(change) }));
  test.each<[string, typeof filesOf]>([
    [
      "pages of the parent taken for this image's",
      changing((saved) => ({ ...saved, runs: saved.runs.map((one) => ({ ...one, kind: "DATA" })) })),
    ],
    ["offsets of files forgotten", areasChanged((one) => (one.file === undefined ? one : { ...one, offset: 0 }))],
    ["offsets of shared memory forgotten", areasChanged((one) => (one.object === undefined ? one : { ...one, offset: 0 }))],
    ["stacks that do not grow", areasChanged((one) => ({ ...one, flags: one.flags & ~VM_GROWSDOWN }))],
    ["shared files that cannot be written", areasChanged((one) => ({ ...one, flags: one.flags & ~VM_SHARED }))],
    ["every process a child of the first", changing((saved) => ({ ...saved, parentPid: saved.parentPid === 0 ? 0 : 5 }))],
    ["the break not kept", changing((saved) => ({ ...saved, brk: saved.startBrk }))],
    [
      "the first area not written",
      changing((saved) => (saved.runs.length > 0 ? saved : { ...saved, areas: saved.areas.slice(1) })),
    ],
    [
      "shared memory in another order",
      function* (tree) {
        yield* filesOf({ ...tree, shared: tree.shared.toReversed() });
      },
    ],
  ])("which shows %s", (_, write) => {
    const law = fc.property(trees, (tree) => expect(readBack(tree, write)).toEqual(listed(tree)));
    expect(fc.check(law, { numRuns: 500, endOnFailure: true }).failed).toBe(true);
  });
});

test("what CRIU does not keep of an area is what mmap would have given; the rest survives, whatever its flags", () => {
  const kept = [
    ...Array.from({ length: 9 }, (_, bit) => 2 ** bit),
    0x2000,
    0x8000,
    0x1_0000,
    0x2_0000,
    0x20_0000,
    0x200_0000,
    0x400_0000,
  ];
  const mask = [...kept, 0x2000_0000, 0x4000_0000].reduce((sum, bit) => sum + bit, 0) - 0x10 - 0x20 - 0x40 - 0x8;
  fc.assert(
    fc.property(fc.nat(0x7fff_ffff), fc.constantFrom("", "[heap]", "[stack]"), (flags, name) => {
      const whole: Area = { ...area("1-3 rw-p"), flags: flags & ~0x80, name };
      const back = areaOf(entryOf(whole, undefined), () => undefined);
      if ("expected" in back) throw new Error(back.expected);
      expect(back.flags & mask).toBe(whole.flags & mask);
      expect({ ...back, flags: 0 }).toEqual({ ...whole, flags: 0 });
    }),
    { numRuns: 300 },
  );
});

describe("files of pages", () => {
  test("are one for each map, in order, and hold the DATA pages alone", () => {
    expect(pagesFilesOf(family)).toEqual([
      { name: "pages-1.img", runs: ["18+1 DATA", "32+2 DATA", "34359738359+1 DATA"].map(run) },
      { name: "pages-2.img", runs: [] },
      { name: "pages-3.img", runs: [run("7+1 DATA")] },
      { name: "pages-4.img", runs: [] },
      { name: "pages-5.img", runs: [run("1+1 DATA")] },
      { name: "pages-6.img", runs: [run("0+1 DATA")] },
      { name: "pages-7.img", runs: [run("4+1 DATA")] },
      // Shared memory 8, which nobody wrote to.
      { name: "pages-8.img", runs: [] },
    ]);
  });

  test("are those that the maps name", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const files = written(tree);
        const { pagesFiles, shared } = treeOf((name) => files.get(name));
        expect(pagesFiles).toHaveLength(tree.processes.length + shared.length);
        expect(pagesFilesOf(tree).slice(0, pagesFiles.length)).toEqual(pagesFiles);
      }),
      { numRuns: 200 },
    );
  });

  test("cannot tell zeros of a file from its bytes, so none are left out there", () => {
    const tree = { ...family, processes: [process(5, 0, ["16-18 rw-p /a"], ["17+1 ZERO"])], shared: [] };
    expect(() => [...filesOf(tree)]).toThrow("process 5: ZERO pages at 69632");
  });
});

test("files are named as CRIU names them, and those of cached pages by a name of our own", () => {
  expect([...written(family).keys()]).toEqual([
    "inventory.img",
    "pstree.img",
    "files.img",
    ...[10, 11, 12, 13].flatMap((pid) => [`core-${pid}.img`, `mm-${pid}.img`, `pagemap-${pid}.img`]),
    "pagemap-shmem-7.img",
    "pagemap-file-2.img",
    "pagemap-file-5.img",
    "pagemap-shmem-8.img",
  ]);
});

test("a name that is longer than Linux shows is cut where a character ends", () => {
  const tree = { architecture: "x86-64", processes: [process(5, 0, ["1-2 r-xp /usr/bin/abcdefghijklmnö"], [])], shared: [] };
  const core = written(tree).get("core-5.img");
  expect(Buffer.from(core ?? []).toString("utf8")).toMatch(/abcdefghijklmn$/);
});
