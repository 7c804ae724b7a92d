// What a process tree in an image must be, whoever says so.

import { architectureNamed, frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { VM_ALL_FLAGS, VM_MAYSHARE, VM_SHARED, areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { BadImage } from "../bad-image.ts";
import { backingOf } from "../criu/area-entry.ts";
import { countPages, endOf, mapName, pageMapsOf } from "./page-maps.ts";
import type { PageRun } from "./page-run.ts";
import type { ParentImage, ProcessImage, SharedImage, TreeImage } from "./tree-image.ts";

/** Sequences are below this, so that names stay short. */
export const sequenceLimit = 1_000_000_000;
/** The most pages that the maps of one image list: 16 GiB. */
const pageLimit: number = 2 ** 22;
/** The most areas of one process: Linux's `DEFAULT_MAX_MAP_COUNT`. */
const areaLimit = 65_530;
/** The longest text in an image, in UTF-16 units: Linux's PATH_MAX. */
const textLimit = 4096;

/** Throws `BadImage`, of the file that says it, unless the image is one that can be brought back. */
export function checkTree(file: string, image: TreeImage): void {
  new TreeCheck(file, image).check();
}

class TreeCheck {
  readonly #file: string;
  readonly #image: TreeImage;

  constructor(file: string, image: TreeImage) {
    this.#file = file;
    this.#image = image;
  }

  check(): void {
    const { sequence, parent, strategy, moment, processes, shared } = this.#image;
    this.#expectInteger(sequence, 1, sequenceLimit - 1, "sequence");
    if (parent !== undefined) this.#checkParent(parent);
    const architecture = architectureNamed(this.#image.architecture);
    if (architecture === undefined) return this.#refuse("the name of an architecture", this.#image.architecture);
    this.#expect(strategy !== "" && strategy.length <= 64, "a strategy's name of 1 to 64 letters", strategy);
    this.#expectInteger(moment, 0, Number.MAX_SAFE_INTEGER, "moment");
    this.#expect(processes.length > 0, "a process", "none");
    const pids = new Set<number>();
    for (const process of processes) {
      this.#checkProcess(process, architecture, pids);
      pids.add(process.pid);
    }
    const mapped = new Set(processes.flatMap(({ areas }) => areas.flatMap(mappedName)));
    const names = new Set<string>();
    for (const memory of shared) {
      this.#checkShared(memory, mapped);
      const name = mapName(memory);
      this.#expect(!names.has(name), "each shared memory once", name);
      names.add(name);
    }
    const pageCount = pageMapsOf(this.#image).reduce((sum, { runs }) => sum + countPages(runs), 0);
    this.#expect(pageCount <= pageLimit, `at most ${pageLimit} pages`, pageCount);
  }

  #checkParent({ sequence, digest }: ParentImage): void {
    this.#expectInteger(sequence, 1, this.#image.sequence - 1, "the parent's sequence");
    this.#expect(/^[0-9a-f]{64}$/.test(digest), "the parent's digest: 64 hexadecimal digits", digest);
  }

  #checkProcess(process: ProcessImage, architecture: Architecture, before: ReadonlySet<number>): void {
    const { pid, parentPid, checkCount, startBrk, brk, areas, runs } = process;
    this.#expectInteger(pid, 1, 2 ** 31 - 1, "pid");
    this.#expect(!before.has(pid), "each pid once", pid);
    this.#expect(parentPid === 0 || before.has(parentPid), "a parent before its child", parentPid);
    this.#expectInteger(checkCount, 0, 2 ** 32 - 1, "checkCount");
    this.#expectInteger(startBrk, 0, architecture.taskSize, "startBrk");
    this.#expectInteger(brk, 0, architecture.taskSize, "brk");
    this.#expect(areas.length <= areaLimit, `at most ${areaLimit} areas`, areas.length);
    let floor = 0;
    for (const area of areas) {
      this.#checkArea(area, floor, architecture.taskSize);
      floor = area.end;
    }
    this.#checkRuns(runs, architecture.taskSize);
    for (const run of runs) this.#checkMapped(run, areas);
  }

  #checkArea(area: Area, floor: number, taskSize: number): void {
    const { start, end, flags, file, offset, name, object, anonVma } = area;
    this.#expectPage(start, floor, taskSize, "the start of an area");
    this.#expectPage(end, start + frameBytes, taskSize, "the end of an area");
    this.#expectPage(offset, 0, Number.MAX_SAFE_INTEGER - (end - start), "the offset of an area");
    this.#expectInteger(flags, 0, 2 ** 31 - 1, "the flags of an area");
    this.#expect((flags & ~VM_ALL_FLAGS) === 0, "flags that are VM_* bits", `0x${flags.toString(16)}`);
    const isShared = (flags & VM_MAYSHARE) !== 0;
    this.#expect(isShared || (flags & VM_SHARED) === 0, "VM_SHARED with VM_MAYSHARE", `0x${flags.toString(16)}`);
    const isAnonymous = file === undefined;
    this.#expect(!isAnonymous || isShared === (object !== undefined), "anonymous memory that is shared by its object", name);
    for (const text of [file ?? "", name]) this.#expect(text.length <= textLimit, `at most ${textLimit} letters`, text.length);
    for (const number of [object, anonVma])
      if (number !== undefined) this.#expectInteger(number, 0, 2 ** 32 - 1, "the object or anonVma of an area");
  }

  #checkRuns(runs: readonly PageRun[], limit: number): void {
    let before: PageRun | undefined;
    for (const run of runs) {
      const floor = before === undefined ? 0 : endOf(before);
      this.#expectPage(run.start, floor, limit - frameBytes, "a page");
      this.#expectInteger(run.pageCount, 1, Math.min(pageLimit, (limit - run.start) / frameBytes), "pages in a run");
      this.#expect(run.kind !== before?.kind || run.start !== floor, "neighbouring pages of one kind in one run", run.start);
      this.#expect(run.kind !== "PARENT" || this.#image.parent !== undefined, "no PARENT pages without a parent", run.start);
      before = run;
    }
  }

  /** The private pages of a process lie in its private areas. */
  #checkMapped(run: PageRun, areas: readonly Area[]): void {
    for (let vaddr = run.start; vaddr < endOf(run);) {
      const area = areaAt(areas, vaddr);
      if (area === undefined) return this.#refuse("pages in areas", `page ${vaddr} in none`);
      const backing = backingOf(area);
      const isRight = run.kind === "ZERO" ? backing === "anonymous-private" : backing.endsWith("private");
      this.#expect(isRight, `${run.kind} pages of private memory`, `page ${vaddr} of memory that is ${backing}`);
      vaddr = area.end;
    }
  }

  #checkShared(memory: SharedImage, mapped: ReadonlySet<string>): void {
    const { file, object, runs } = memory;
    this.#expect((file === undefined) !== (object === undefined), "shared memory of an object or of a file", mapName(memory));
    this.#expect(mapped.has(mapName(memory)), "shared memory that an area maps", mapName(memory));
    this.#checkRuns(runs, Number.MAX_SAFE_INTEGER - frameBytes + 1);
    for (const { kind, start } of runs) this.#expect(kind !== "ZERO", "no ZERO pages of shared memory", `offset ${start}`);
  }

  #expectPage(value: number, least: number, most: number, what: string): void {
    this.#expectInteger(value, least, most, what);
    this.#expect((value & (frameBytes - 1)) === 0, `${what} at a multiple of ${frameBytes}`, value);
  }

  #expectInteger(value: number, least: number, most: number, what: string): void {
    const isWithin = Number.isInteger(value) && value >= least && value <= most;
    this.#expect(isWithin, `${what}: an integer from ${least} to ${most}`, value);
  }

  #expect(condition: boolean, expected: string, found: string | number): void {
    if (!condition) this.#refuse(expected, found);
  }

  #refuse(expected: string, found: string | number): never {
    throw new BadImage(this.#file, 0, expected, `${found}`);
  }
}

/** The name that the map of what an area maps would have, if it is shared. */
function mappedName({ file, object }: Area): readonly string[] {
  if (file !== undefined) return [mapName({ file, object: undefined, runs: [] })];
  return object === undefined ? [] : [mapName({ file: undefined, object, runs: [] })];
}
