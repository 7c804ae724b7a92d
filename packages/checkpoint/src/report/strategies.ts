// The lab report's algorithms as strategies.

import type { Architecture } from "@pagelapse/mmu";
import { isFailure, readFile } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";
import { countPresent } from "../count-present.ts";
import { firstDifference } from "../first-difference.ts";
import { emptyImage } from "../memory-image.ts";
import type { MemoryImage } from "../memory-image.ts";
import type { CheckpointResult, Rebuild, Strategy } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import { soleProcess } from "../tree-memory.ts";
import type { TreeMemory } from "../tree-memory.ts";
import { cpRange } from "./cp-range.ts";
import { reportFileName } from "./page-record.ts";
import { readRecords } from "./read-records.ts";
import { walkAsPrinted } from "./walk-as-printed.ts";

/** Every file holds every page that the report can save. */
export const reportBasic: Strategy = {
  name: "report-basic",
  claim: "flawed",
  summary: "the lab report's sys_cp_range: every present page, every time",
  start: () => ({ take: (tracked) => cpRange(tracked, 0, tracked.architecture.taskSize, 0) }),
  rebuild: (architecture) => new ReportRebuild(architecture, "each file is everything"),
};

/** Meant to save what changed; its condition holds for every present page. */
export const reportIncremental: Strategy = {
  name: "report-incremental",
  claim: "flawed",
  summary: "the lab report's sys_inc_cp_range: clears D without a flush, and saves every present page all the same",
  start: () => ({ take: (tracked) => cpRange(tracked, 0, tracked.architecture.taskSize, 1) }),
  rebuild: (architecture) => new ReportRebuild(architecture, "files add up"),
};

/** The listing's braces taken literally. */
export const reportAsPrinted: Strategy = {
  name: "report-as-printed",
  claim: "flawed",
  summary: "the lab report's listing, two braces where they were printed: a page an area, then a NULL dereference",
  start: () => ({ take: takeAsPrinted }),
  rebuild: (architecture) => new ReportRebuild(architecture, "files add up"),
};

/** The task dies in the call: `check_count` stays, so the next one writes over the same file. */
function takeAsPrinted(tracked: Tracked): CheckpointResult {
  const path = reportFileName(tracked.space.pid, tracked.checkCount);
  const names = { strategy: reportAsPrinted.name, name: path };
  tracked.begun(names);
  const presentPages = countPresent(tracked);
  const end = walkAsPrinted(tracked, 0, tracked.architecture.taskSize, 1, path);
  if (end.kind === "ended") {
    const { pagesSaved, byteCount } = end;
    tracked.countCheck();
    tracked.committed({ ...names, pagesSaved, byteCount });
    return { kind: "committed", path, pagesSaved, byteCount, presentPages, fullBytes: byteCount };
  }
  const reason =
    end.kind === "refused" ? `${path} did not open: ${end.reason}` : "NULL dereference: area->vm_end after the last area";
  tracked.failed({ ...names, reason });
  return { kind: "failed", path, reason };
}

/** Records say nothing of what is gone: a page that one file has stays until another file has it too. */
class ReportRebuild implements Rebuild {
  readonly #architecture: Architecture;
  readonly #files: "each file is everything" | "files add up";
  #image: MemoryImage = emptyImage;

  constructor(architecture: Architecture, files: "each file is everything" | "files add up") {
    this.#architecture = architecture;
    this.#files = files;
  }

  get image(): MemoryImage {
    return this.#image;
  }

  get tree(): TreeMemory {
    return soleProcess(this.#image);
  }

  add(store: Vfs, path: string): readonly string[] {
    const bytes = readFile(store, path);
    if (isFailure(bytes)) throw new BadImage(path, 0, "a file that can be read", bytes.errno);
    const { pages: read, complaints } = readRecords(this.#architecture, bytes);
    const pages = new Map(this.#files === "files add up" ? this.#image.pages : []);
    // Copies: one page must not keep its whole file in memory. A page that stayed as it was is the one held already.
    for (const [vaddr, page] of read) {
      const held = this.#image.pages.get(vaddr);
      pages.set(vaddr, held !== undefined && firstDifference(held, page) === -1 ? held : page.slice());
    }
    const [, pid, count] = /(?:^|\/)cp_(\d{1,10})_(\d{1,10})$/.exec(path) ?? [];
    const named = pid === undefined ? {} : { pid: Number(pid), checkCount: Number(count) + 1 };
    this.#image = { ...emptyImage, ...named, pages };
    return complaints;
  }
}
