// Which checkpoints have a page, and what their images would bring back of it.

import { BadImage, peekPage } from "@pagelapse/checkpoint";
import type { CheckpointBegun, CheckpointCommitted } from "@pagelapse/checkpoint";
import { processPages } from "@pagelapse/checkpoint/store";
import type { ImageChain } from "@pagelapse/checkpoint/store";
import { catalogue } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import { hasKind } from "../format/segment-header.ts";
import { plainEvents } from "../reader/plain-event.ts";
import type { PlainEvent } from "../reader/plain-event.ts";
import type { Timeline } from "../reader/timeline.ts";

/** A page of a process: of a task by its index in the state, at an address that is a multiple of 4096. */
export interface TaskPage {
  readonly task: number;
  readonly vaddr: number;
}

/**
 * What an image brings back, against what a load of the page would have given at the image's own moment: `lost` is missing, `stale`
 * has other bytes, `resurrected` was not mapped; `unknown` where only a file that nobody has could tell.
 */
export type Restored = "right" | "lost" | "stale" | "resurrected" | "unknown" | BadImage;

/** A checkpoint, and what it has to do with a page. */
export interface PageCheckpoint {
  /** The events with which it began and ended. */
  readonly begun: number;
  readonly ended: number;
  readonly strategy: string;
  readonly name: string;
  readonly state: "committed" | "failed";
  /** Whether it saved the page itself: an increment leaves to its parent what it believes unchanged. */
  readonly isSaved: boolean;
  /** Whether the page held, when the checkpoint began, what it holds at the moment that was asked about. */
  readonly isSame: boolean;
  /** `undefined`: no image was given. */
  readonly restored: Restored | undefined;
}

const BEGUN = catalogue["checkpoint-begun"].code;
const COMMITTED = catalogue["checkpoint-committed"].code;
const FAILED = catalogue["checkpoint-failed"].code;
const SAVED = catalogue["page-saved"].code;

/**
 * All checkpoints of a recording that ended, in order, whether before the moment or after it. `imageOf` gives the image of a
 * committed one by its name, with those that it builds on; a page of it that cannot be read is a `BadImage` in the answer.
 */
export async function checkpointsOf(
  timeline: Timeline,
  page: TaskPage,
  moment: number,
  imageOf: (name: string) => ImageChain | undefined = () => undefined,
): Promise<readonly PageCheckpoint[]> {
  const now = await pageAt(timeline, page, moment);
  const pid = (await timeline.at(moment)).state.tasks[page.task]?.pid;
  const saved = (await happened(timeline, [SAVED], "numbers")).filter(
    ({ task, vaddr }) => task === page.task && vaddr === page.vaddr,
  );
  const begun = new Map<string, number>();
  const checkpoints: PageCheckpoint[] = [];
  for (const { kind, moment: at, detail } of await happened(timeline, [BEGUN, COMMITTED, FAILED], "detail")) {
    const { strategy, name } = detail as CheckpointBegun | CheckpointCommitted;
    const key = JSON.stringify([strategy, name]);
    if (kind === BEGUN) {
      begun.set(key, at);
      continue;
    }
    const from = begun.get(key) ?? at;
    const image = kind === COMMITTED ? imageOf(name) : undefined;
    checkpoints.push({
      begun: from,
      ended: at,
      strategy,
      name,
      state: kind === COMMITTED ? "committed" : "failed",
      isSaved: saved.some((note) => note.moment > from && note.moment < at),
      isSame: isSame(await pageAt(timeline, page, from), now),
      restored: image && restoredOf(image, pid, page.vaddr, await pageAt(timeline, page, image.image.moment)),
    });
  }
  return checkpoints;
}

/** Events of these kinds, which are no writes and no loads, in order; other segments are not read. */
async function happened(
  { recording }: Timeline,
  kinds: readonly number[],
  holds: "detail" | "numbers",
): Promise<readonly (PlainEvent & { readonly moment: number })[]> {
  const found: (PlainEvent & { readonly moment: number })[] = [];
  for (const segment of recording.segments) {
    if (!kinds.some((kind) => hasKind(segment.header, kind))) continue;
    const { firstEvent, events } = segment.header;
    for (const event of await plainEvents(recording, segment, kinds, holds, events)) {
      found.push({ ...event, moment: firstEvent + event.position });
    }
  }
  return found;
}

/** What a load of the page would give. */
interface PageBytes {
  readonly kind: "unmapped" | "known" | "unknown";
  readonly bytes: Uint8Array;
}

function pageAt(timeline: Timeline, { task, vaddr }: TaskPage, moment: number): Promise<PageBytes> {
  return timeline.look(moment, (view) => {
    const bytes = new Uint8Array(frameBytes);
    return { kind: task < view.state.tasks.length ? peekPage(view.process(task), vaddr, bytes) : "unmapped", bytes };
  });
}

function isSame(left: PageBytes, right: PageBytes): boolean {
  return left.kind === right.kind && left.bytes.every((byte, at) => byte === right.bytes[at]);
}

function restoredOf(chain: ImageChain, pid: number | undefined, vaddr: number, then: PageBytes): Restored {
  const { image } = chain;
  const process = image.processes.findIndex((each) => each.pid === pid);
  const area = process < 0 ? undefined : areaAt(image.processes[process].areas, vaddr);
  if (area === undefined) return then.kind === "unmapped" ? "right" : "lost";
  if (then.kind === "unmapped") return "resurrected";
  const bytes = new Uint8Array(frameBytes);
  const run = processPages(image, process).find(
    (each) => vaddr >= each.vaddr && vaddr < each.vaddr + each.pageCount * frameBytes,
  );
  // What an image does not list has the content of its file, or zeros.
  if (then.kind === "unknown" || (run === undefined && area.file !== undefined)) return "unknown";
  try {
    if (run !== undefined && run.kind !== "ZERO") chain.page(run.map, run.address + (vaddr - run.vaddr), bytes);
  } catch (reason) {
    if (reason instanceof BadImage) return reason;
    throw reason;
  }
  return then.bytes.every((byte, at) => byte === bytes[at]) ? "right" : "stale";
}
