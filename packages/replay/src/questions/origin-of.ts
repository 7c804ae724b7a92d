// How a byte of a process came to be what it is: who wrote it, and through which entry and page fault its frame came, back to the first.

import type { KindName, MachineEvent } from "@pagelapse/events";
import { findLeaf, frameBehind, frameBytes, isSwapPte, ptePresent, readEntry, swappedFrame } from "@pagelapse/mmu";
import type { PastView } from "../reader/past-view.ts";
import type { Timeline } from "../reader/timeline.ts";

/** One step, and what it did: `bytes` wrote the byte, `entry` put its frame behind its page, `fault` is the page fault in which that happened. */
export interface OriginStep {
  readonly role: "bytes" | "entry" | "fault";
  readonly event: MachineEvent;
}

/** The kinds that say anew which frame an entry leads to. */
const mappings: ReadonlySet<KindName> = new Set<KindName>(["entry-mapped", "entry-swapped"]);
/** A fault is told of when it is handled: within so many events of the entry that it made. */
const faultEvents = 256;

/**
 * The steps that led to a byte at a moment, the last one first. A frame that was copied, by a fault, a fork or the swap device,
 * leads on to what it was copied from; the last step is the store, the file or the zeroed frame that the byte began with. Empty
 * where no frame and no slot of the swap device holds the byte.
 */
export async function originOf(timeline: Timeline, task: number, vaddr: number, moment: number): Promise<readonly OriginStep[]> {
  const place = await timeline.look(moment, (view) => placeOf(view, task, vaddr));
  if (place === undefined) return [];
  const steps: OriginStep[] = [];
  let before = moment;
  for (let paddr: number | undefined = place.paddr; paddr !== undefined;) {
    const write = await timeline.lastWrite({ paddr, byteCount: 1 }, before);
    if (write === undefined) break;
    const event = await timeline.event(write.moment);
    steps.push({ role: "bytes", event });
    paddr = event.from === undefined ? undefined : event.from + (paddr - event.paddr);
    before = event.moment;
  }
  const entry = await mappingOf(timeline, place.entry, moment);
  if (entry !== undefined) {
    steps.push({ role: "entry", event: entry });
    const fault = await faultAfter(timeline, entry, vaddr);
    if (fault !== undefined) steps.push({ role: "fault", event: fault });
  }
  return steps.toSorted((left, right) => right.event.moment - left.event.moment);
}

/** Where a byte stands, and the entry that says so. */
interface Place {
  readonly paddr: number;
  readonly entry: number;
}

function placeOf(view: PastView, task: number, vaddr: number): Place | undefined {
  if (task >= view.state.tasks.length) return undefined;
  const { architecture, memory, space } = view.process(task);
  const leaf = findLeaf(memory, architecture, space.root, vaddr);
  if (leaf === undefined) return undefined;
  const entry = readEntry(memory, architecture, leaf.paddr);
  const inFrame = vaddr & (frameBytes - 1);
  if (ptePresent(architecture.bits, entry)) {
    const frame = frameBehind(architecture.bits, leaf.level, entry, vaddr);
    return { paddr: frame * frameBytes + inFrame, entry: leaf.paddr };
  }
  if (!isSwapPte(architecture.bits, entry)) return undefined;
  return { paddr: swappedFrame(memory, architecture, entry) * frameBytes + inFrame, entry: leaf.paddr };
}

/** The event that made an entry lead where it leads at a moment. */
async function mappingOf(timeline: Timeline, entry: number, moment: number): Promise<MachineEvent | undefined> {
  for (let before = moment; ;) {
    const write = await timeline.lastWrite({ paddr: entry, byteCount: 4 }, before);
    if (write === undefined) return undefined;
    const event = await timeline.event(write.moment);
    if (mappings.has(event.kind)) return event;
    before = write.moment;
  }
}

/** The page fault in which an entry was made; `undefined` where it was made by a call, such as fork or mremap. */
async function faultAfter(timeline: Timeline, { moment, task }: MachineEvent, vaddr: number): Promise<MachineEvent | undefined> {
  const page = vaddr - (vaddr & (frameBytes - 1));
  for await (const event of eventsIn(timeline, moment + 1, Math.min(timeline.moments, moment + 1 + faultEvents))) {
    if (event.kind === "page-faulted" && event.task === task) {
      return event.vaddr >= page && event.vaddr < page + frameBytes ? event : undefined;
    }
  }
  return undefined;
}

async function* eventsIn(timeline: Timeline, from: number, to: number): AsyncGenerator<MachineEvent, void, undefined> {
  for (let moment = from; moment < to; moment++) yield await timeline.event(moment);
}
