// A second opinion on areas that knows no areas: a map from each page to what can be said of that page alone.

import { VM_ACCOUNT, VM_SOFTDIRTY } from "@pagelapse/vma";
import type { AddressLayout, Area } from "@pagelapse/vma";
import { flagNames, page, rightsOf } from "./notation.ts";
import type { Line } from "./notation.ts";

/**
 * A page in words: its rights, what it maps (`f:2+5` is page 5 of file f, `anon`), and its flags. Left out is what only areas
 * have: the offset of anonymous memory, `anon_vma`, and the accounting, which hangs on it.
 */
export type PageText = string;

interface Page {
  readonly rights: string;
  readonly source: string;
  readonly marks: ReadonlySet<string>;
}

/** The pages of areas, in words. */
export function pagesOf(areas: readonly Area[]): readonly PageText[] {
  return areas.flatMap((area) => {
    const label = area.object === undefined ? area.file : `${area.file ?? ""}:${area.object}`;
    const first = area.start / page;
    return run(first, area.end / page).map((at) => {
      const source = label === undefined ? "anon" : `${label}+${area.offset / page + (at - first)}`;
      return textOf(at, { rights: rightsOf(area), source, marks: marksOf(area.flags) });
    });
  });
}

function marksOf(flags: number): ReadonlySet<string> {
  const seen = flags & ~(VM_ACCOUNT | VM_SOFTDIRTY);
  return new Set(Object.keys(flagNames).filter((name) => (seen & flagNames[name]) !== 0));
}

function textOf(at: number, { rights, source, marks }: Page): PageText {
  return [at, rights, source, ...[...marks].toSorted()].join(" ");
}

/** What was seen of a call, where pages do not say it: its result, and the number that new shared memory was given. */
export interface Seen {
  readonly result: string;
  readonly object: number | undefined;
  /** Is the page that the call names mapped now? */
  readonly isMapped: boolean;
}

/** Pages to which calls happen. `perform` answers what the result must be; it follows `seen` only in what hangs on where areas end. */
export class PageModel {
  private readonly pages = new Map<number, Page>();
  private readonly firstBreak: number;
  private currentBreak: number;
  private readonly base: number;
  private readonly legacyBase: number;
  private readonly end: number;
  private readonly guard: number;

  constructor(layout: AddressLayout) {
    this.firstBreak = layout.startBrk / page;
    this.currentBreak = layout.brk / page;
    this.base = layout.mmapBase / page;
    this.legacyBase = layout.mmapLegacyBase / page;
    this.end = layout.taskSize / page;
    this.guard = layout.stackGuardBytes / page;
  }

  texts(): readonly PageText[] {
    return [...this.pages].toSorted(([a], [b]) => a - b).map(([at, what]) => textOf(at, what));
  }

  perform(line: Line, seen: Seen): string {
    const [verb, ...words] = line.split(" ");
    const [start, length] = words.slice(0, 2).map(Number);
    switch (verb) {
      case "mmap":
        return this.map(start, Math.ceil(length), words[2], words[3], words[4].split("+"), seen);
      case "munmap":
        if (!Number.isInteger(start) || length === 0) return "EINVAL";
        run(start, start + Math.ceil(length)).forEach((at) => this.pages.delete(at));
        return "ok";
      case "mprotect":
        return this.protect(start, Math.ceil(length), words[2], words[3]);
      case "mremap":
        return this.remap(start, length, Number(words[2]), words[3].split("+"), Number(words[4] ?? 0), seen);
      case "brk":
        return String(this.moveBreak(start));
      case "madvise":
        return this.advise(start, Math.ceil(length), words[2]);
      default:
        return this.touch(start, seen);
    }
  }

  private map(wanted: number, length: number, rights: string, source: string, how: readonly string[], seen: Seen): string {
    const isFixed = how.includes("fixed") || how.includes("noreplace");
    const isShared = rights[3] === "s";
    if (length === 0 || (isFixed && !Number.isInteger(wanted))) return "EINVAL";
    const start = isFixed ? wanted : this.place(Math.floor(wanted), length);
    if (start === undefined) return "ENOMEM";
    if (how.includes("noreplace") && !this.isEmpty(start, start + length)) return "EEXIST";
    if (isShared && rights[1] === "w" && source.startsWith("r")) return "EACCES";
    if (how.includes("down") && (isShared || source !== "anon")) return "EINVAL";

    const marks = new Set(["MAYREAD", "MAYWRITE", "MAYEXEC"]);
    if (isShared) marks.add("SHARED");
    if (isShared && source.startsWith("r")) for (const mark of ["SHARED", "MAYWRITE"]) marks.delete(mark);
    for (const [word, mark] of [
      ["down", "GROWSDOWN"],
      ["noreserve", "NORESERVE"],
      ["stack", "NOHUGEPAGE"],
    ])
      if (how.includes(word)) marks.add(mark);
    const first = source === "anon" && isShared ? `:${seen.object}+0` : source;
    for (const at of run(start, start + length)) this.pages.set(at, { rights, source: later(first, at - start), marks });
    return String(start);
  }

  /** The hint, else the highest free run below the base, else the lowest above the legacy base: tried page by page. */
  private place(hint: number, length: number): number | undefined {
    const fits = (at: number): boolean => at > 0 && at + length <= this.end && this.isEmpty(at, at + length);
    if (fits(hint) && !this.isGuarded(hint + length)) return hint;
    let limit = this.base;
    for (const at of run(1, this.base).toReversed()) {
      if (at + length > limit || !fits(at)) continue;
      if (!this.isGuarded(at + length)) return at;
      limit = (this.firstAbove(at + length) ?? 0) - this.guard;
    }
    return run(this.legacyBase, this.end).find((at) => fits(at) && !this.isGuarded(at + length));
  }

  private isEmpty(start: number, end: number): boolean {
    return run(start, end).every((at) => !this.pages.has(at));
  }

  /** Does a stack above need the pages below this one? */
  private isGuarded(end: number): boolean {
    const above = this.firstAbove(end);
    return above !== undefined && this.isStack(above) && above - this.guard < end;
  }

  private firstAbove(from: number): number | undefined {
    return run(from, this.end).find((at) => this.pages.has(at));
  }

  private isStack(at: number): boolean {
    return this.pages.get(at)?.marks.has("GROWSDOWN") ?? false;
  }

  private protect(start: number, length: number, rights: string, how: string | undefined): string {
    if (!Number.isInteger(start)) return "EINVAL";
    if (length === 0) return "ok";
    if (how === "up") return this.pages.has(start) ? "EINVAL" : "ENOMEM";
    for (const at of run(start, start + length)) {
      const what = this.pages.get(at);
      if (what === undefined) return "ENOMEM";
      if (rights[1] === "w" && !what.marks.has("MAYWRITE")) return "EACCES";
      this.pages.set(at, { ...what, rights: rights.slice(0, 3) + what.rights[3] });
    }
    return "ok";
  }

  /** Whether the range lies in one area is not known here: EFAULT is believed, and then nothing may have changed. */
  private remap(start: number, oldLength: number, newLength: number, how: readonly string[], hint: number, seen: Seen): string {
    const isFixed = how.includes("fixed");
    const isKept = how.includes("keep");
    const chooses = isFixed || isKept;
    if (newLength === 0 || (chooses && !how.includes("may")) || (isKept && oldLength !== newLength)) return "EINVAL";
    if (chooses && start < hint + newLength && hint < start + oldLength) return "EINVAL";
    if (!this.pages.has(start)) return "EFAULT";
    const isPlainMove = isFixed && oldLength === newLength;
    if (oldLength === 0 && this.pages.get(start)?.rights[3] !== "s") return "EINVAL";
    if (isFixed && oldLength === 0 && hint <= start && start < hint + newLength) {
      // The target is unmapped first, and the object with it.
      run(hint, hint + newLength).forEach((at) => this.pages.delete(at));
      return "EFAULT";
    }
    if (!isPlainMove && (chooses || newLength > oldLength) && seen.result === "EFAULT") return "EFAULT";

    const end = start + oldLength;
    if (!chooses && newLength <= oldLength) {
      run(start + newLength, end).forEach((at) => this.pages.delete(at));
      return String(start);
    }
    const isRoom = !chooses && oldLength > 0 && start + newLength <= this.end && this.isEmpty(end, start + newLength);
    if (!isRoom && !how.includes("may")) return "ENOMEM";
    const to = isRoom ? start : isFixed ? hint : this.place(isKept ? hint : 0, newLength);
    if (to === undefined) return "ENOMEM";
    const moved = run(0, newLength).map((index) => this.pages.get(start + index));
    if (oldLength > 0 && !isKept) run(start, end).forEach((at) => this.pages.delete(at));
    const first = Math.max(1, Math.min(oldLength, newLength));
    run(0, newLength).forEach((index) => {
      const last = moved[Math.min(index, first - 1)];
      if (last !== undefined) this.pages.set(to + index, { ...last, source: later(last.source, Math.max(0, index - first + 1)) });
      else if (!isPlainMove) this.pages.delete(to + index);
    });
    return String(to);
  }

  private moveBreak(wanted: number): number {
    const from = Math.ceil(this.currentBreak);
    const to = Math.ceil(wanted);
    if (wanted < this.firstBreak) return this.currentBreak;
    if (to < from && this.isEmpty(to, from)) return this.currentBreak;
    if (to > from && (to > this.end || !this.isEmpty(from, to + 1) || this.isGuarded(to + 1))) return this.currentBreak;
    run(to, from).forEach((at) => this.pages.delete(at));
    const marks = new Set(["MAYREAD", "MAYWRITE", "MAYEXEC"]);
    run(from, to).forEach((at) => this.pages.set(at, { rights: "rw-p", source: "anon", marks }));
    this.currentBreak = wanted;
    return wanted;
  }

  private advise(start: number, length: number, advice: string): string {
    if (!Number.isInteger(start)) return "EINVAL";
    let result = "ok";
    for (const at of run(start, start + length)) {
      const what = this.pages.get(at);
      if (what === undefined) {
        result = "ENOMEM";
        continue;
      }
      if (advice === "free" && what.source !== "anon") return "EINVAL";
      if (advice === "wipeonfork" && (what.source !== "anon" || what.marks.has("SHARED"))) return "EINVAL";
      const [gone, come] = markChanges[advice] ?? [[], []];
      this.pages.set(at, { ...what, marks: new Set([...what.marks, ...come].filter((mark) => !gone.includes(mark))) });
    }
    return result;
  }

  /** A store. How far a stack may grow hangs on where it ends: that it may not is believed. */
  private touch(at: number, seen: Seen): string {
    if (!this.pages.has(at)) {
      const above = this.firstAbove(at);
      if (above === undefined || !this.isStack(above) || !seen.isMapped) return "SIGSEGV";
      const below = run(0, at).findLast((lower) => this.pages.has(lower));
      const isGuard = below === undefined || this.isStack(below) || this.pages.get(below)?.rights.startsWith("---") === true;
      if (!isGuard && at - below - 1 < this.guard) return "SIGSEGV";
      const stack = this.pages.get(above);
      if (stack !== undefined) run(at, above).forEach((grown) => this.pages.set(grown, stack));
    }
    return this.pages.get(at)?.rights[1] === "w" ? "ok" : "SIGSEGV";
  }
}

/** Marks that an advice takes away, and brings. */
const markChanges: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  normal: [["RAND_READ", "SEQ_READ"], []],
  random: [["SEQ_READ"], ["RAND_READ"]],
  sequential: [["RAND_READ"], ["SEQ_READ"]],
  dontfork: [[], ["DONTCOPY"]],
  dofork: [["DONTCOPY"], []],
  dontdump: [[], ["DONTDUMP"]],
  dodump: [["DONTDUMP"], []],
  wipeonfork: [[], ["WIPEONFORK"]],
  keeponfork: [["WIPEONFORK"], []],
  hugepage: [["NOHUGEPAGE"], ["HUGEPAGE"]],
  nohugepage: [["HUGEPAGE"], ["NOHUGEPAGE"]],
};

/** What lies so many pages behind. */
function later(source: string, by: number): string {
  const [label, offset] = source.split("+");
  return offset === undefined ? source : `${label}+${Number(offset) + by}`;
}

function run(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}
