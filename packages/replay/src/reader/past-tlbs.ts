// What the processors' TLBs remember at a moment.

import type { Architecture, Tlb } from "@pagelapse/mmu";
import type { TlbSnapshot } from "@pagelapse/mmu";
import { NONE } from "../format/segment-header.ts";
import { TlbFold, tlbNotes } from "../format/tlb-fold.ts";
import { plainEvents } from "./plain-event.ts";
import type { Recording } from "./recording.ts";

/** The TLB of each processor after so many events. */
export async function pastTlbs(recording: Recording, architecture: Architecture, moment: number): Promise<readonly Tlb[]> {
  const fold = new TlbFold(recording.machine, architecture);
  if (moment === 0) return fold.tlbs;
  const here = recording.segmentBefore(moment);
  const { number, tlbSegment } = here.header;
  if (tlbSegment !== NONE) {
    const segment = recording.segments[tlbSegment];
    const snapshots = JSON.parse(new TextDecoder().decode(await segment.parts.block(segment.header.tlbBlock))) as TlbSnapshot[];
    fold.restore(snapshots);
  }
  for (let at = tlbSegment === NONE ? 0 : tlbSegment; at <= number; at++) {
    const segment = recording.segments[at];
    const before = at === number ? moment - segment.header.firstEvent : segment.header.events;
    for (const note of await plainEvents(recording, segment, tlbNotes, "numbers", before)) {
      fold.add(note.kind, note.processor, note.vaddr, note.paddr);
    }
  }
  return fold.tlbs;
}
