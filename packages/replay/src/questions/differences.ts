// What is different at two moments: pages of a process, its areas, the rest of the state.

import { peekPage, visitPages } from "@pagelapse/checkpoint";
import type { MachineState } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { PastView } from "../reader/past-view.ts";
import type { Timeline } from "../reader/timeline.ts";

/** A page that is not as it was. */
export interface PageDifference {
  readonly vaddr: number;
  /** `appeared` and `vanished`: an area has it at one of the moments only. */
  readonly kind: "changed" | "appeared" | "vanished";
  /** Of a changed page: the first byte that differs, and how many do. */
  readonly offset: number;
  readonly byteCount: number;
}

/** From the first moment to the second. */
export interface Differences {
  /** In order of address; pages that no frame holds are not among those that appeared or vanished. */
  readonly pages: readonly PageDifference[];
  /** Areas that are there at one of the moments only, as they are then. */
  readonly areasBefore: readonly Area[];
  readonly areasAfter: readonly Area[];
  /** The members of the state that differ, each as a path such as `tasks.0.brk`. */
  readonly state: readonly string[];
}

/** Compares two moments as a task sees them, which is one by its index. Pages whose frame is the same and was not written are not read. */
export async function differencesOf(timeline: Timeline, from: number, to: number, task: number): Promise<Differences> {
  const [before, after] = [await timeline.at(from), await timeline.at(to)];
  const [pagesBefore, pagesAfter] = [
    await timeline.look(before, (view) => framesOf(view, task)),
    await timeline.look(after, (view) => framesOf(view, task)),
  ];
  const suspects: number[] = [];
  for (const vaddr of [...new Set([...pagesBefore.keys(), ...pagesAfter.keys()])].toSorted((left, right) => left - right)) {
    const pfn = pagesBefore.get(vaddr);
    if (pfn === undefined || pfn !== pagesAfter.get(vaddr) || (await isWritten(timeline, pfn, from, to))) suspects.push(vaddr);
  }
  const left = await timeline.look(before, (view) => suspects.map((vaddr) => pageAt(view, task, vaddr)));
  const right = await timeline.look(after, (view) => suspects.map((vaddr) => pageAt(view, task, vaddr)));
  const [areas, areasLater] = [before, after].map(({ state }) => areasOf(state, task));
  return {
    pages: suspects.flatMap((vaddr, index) => comparePages(vaddr, left[index], right[index])),
    areasBefore: without(areas, areasLater),
    areasAfter: without(areasLater, areas),
    state: [...pathsOf("", before.state, after.state)],
  };
}

function areasOf(state: MachineState, task: number): readonly Area[] {
  return task < state.tasks.length ? state.tasks[task].areas : [];
}

/** The frame of each page of the task. */
function framesOf(view: PastView, task: number): ReadonlyMap<number, number> {
  const frames = new Map<number, number>();
  if (task < view.state.tasks.length) visitPages(view.process(task), (vaddr, pfn) => frames.set(vaddr, pfn));
  return frames;
}

async function isWritten(timeline: Timeline, pfn: number, from: number, to: number): Promise<boolean> {
  const [earlier, later] = [Math.min(from, to), Math.max(from, to)];
  const last = await timeline.lastWrite({ paddr: pfn * frameBytes, byteCount: frameBytes }, later);
  return last !== undefined && last.moment >= earlier;
}

function pageAt(view: PastView, task: number, vaddr: number): Uint8Array | undefined {
  if (areaAt(areasOf(view.state, task), vaddr) === undefined) return undefined;
  const bytes = new Uint8Array(frameBytes);
  peekPage(view.process(task), vaddr, bytes);
  return bytes;
}

function comparePages(vaddr: number, before: Uint8Array | undefined, after: Uint8Array | undefined): readonly PageDifference[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [{ vaddr, kind: before === undefined ? "appeared" : "vanished", offset: 0, byteCount: frameBytes }];
  }
  const offset = before.findIndex((byte, index) => byte !== after[index]);
  if (offset < 0) return [];
  const byteCount = before.reduce((count, byte, index) => (byte === after[index] ? count : count + 1), 0);
  return [{ vaddr, kind: "changed", offset, byteCount }];
}

/** Those of one list that the other has not, in all their members. */
function without(areas: readonly Area[], others: readonly Area[]): readonly Area[] {
  const known = new Set(others.map((area) => JSON.stringify(area)));
  return areas.filter((area) => !known.has(JSON.stringify(area)));
}

/** Paths of what differs in two plain values, the deepest that still tell where. */
function* pathsOf(path: string, before: unknown, after: unknown): Generator<string> {
  if (before === after || JSON.stringify(before) === JSON.stringify(after)) return;
  if (!isObject(before) || !isObject(after)) return void (yield path);
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* pathsOf(path === "" ? name : `${path}.${name}`, before[name], after[name]);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
