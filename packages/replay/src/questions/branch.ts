// A branch: a live machine that goes on from a moment of the past.

import { catalogue } from "@pagelapse/events";
import type { FilePlace } from "@pagelapse/events";
import { Machine, ProvidedFiles } from "@pagelapse/kernel";
import type { MachineOptions } from "@pagelapse/kernel";
import { Ram, frameBytes } from "@pagelapse/mmu";
import { plainEvents } from "../reader/plain-event.ts";
import type { Timeline } from "../reader/timeline.ts";

/** What may be another way than it was; the machine itself is the recorded one's. */
export type BranchOptions = Pick<MachineOptions, "swap" | "reuse" | "log" | "store" | "loads">;

const PROVIDED = catalogue["file-provided"].code;
const fileFacts: readonly number[] = [PROVIDED, catalogue["file-written-back"].code];

/** Frames that are fetched together. */
const together = 256;

/**
 * A machine with the memory, the state and the TLBs of that moment, and the files that the recording knows of. A moment in the middle of a command is
 * one that no machine rests in: what was left to do then is not done. Its events count from 0 again, unless a log says otherwise.
 */
export async function branch(timeline: Timeline, moment: number, options: BranchOptions = {}): Promise<Machine> {
  const { ramFrames, swapFrames, processors, tlb } = timeline.machine;
  const snapshots = (await timeline.tlbs(moment)).map((each) => each.snapshot());
  const { state } = await timeline.at(moment);
  const from = { ram: await ramAt(timeline, moment), state, tlbs: snapshots, files: await filesAt(timeline, moment) };
  return new Machine({
    ...options,
    architecture: timeline.architecture,
    frameCount: ramFrames,
    swapFrames,
    processors,
    tlb,
    from,
  });
}

/** The bytes of mapped files, as the facts about them say. */
async function filesAt({ recording }: Timeline, moment: number): Promise<ProvidedFiles> {
  const files = new ProvidedFiles();
  for (const segment of recording.segments) {
    const { firstEvent, events } = segment.header;
    if (firstEvent >= moment) break;
    const facts = await plainEvents(recording, segment, fileFacts, "file", Math.min(events, moment - firstEvent));
    for (const { kind, detail, bytes } of facts) {
      const { file, offset } = detail as FilePlace;
      if (kind === PROVIDED) files.provide(file, offset, bytes);
      else files.writeBack(file, offset, bytes);
    }
  }
  return files;
}

/** All of physical memory at a moment. */
async function ramAt(timeline: Timeline, moment: number): Promise<Ram> {
  const { ramFrames, swapFrames } = timeline.machine;
  const ram = new Ram(ramFrames + swapFrames);
  const page = new Uint8Array(frameBytes);
  for (let first = 0; first < ram.frameCount; first += together) {
    const frames = Array.from({ length: Math.min(together, ram.frameCount - first) }, (_, index) => first + index);
    const view = await timeline.at(moment);
    await timeline.fetch(view, frames);
    for (const pfn of frames) {
      view.memory.read(pfn * frameBytes, page);
      // What is zero anyway need not be committed.
      if (page.some((byte) => byte !== 0)) ram.frame(pfn).set(page);
    }
  }
  return ram;
}
