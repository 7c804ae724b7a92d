// Deliberate bugs, a line each, and the law that finds each out.

import type { LawName } from "./all-laws.ts";

/** In the file, `search`, which stands there once, becomes `replace`; then the law named does not hold. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  readonly law: LawName;
}

export const mutants: readonly Mutant[] = [
  {
    bug: "a frame that was zeroed, and keeps what it held in the copies to come",
    file: "writer/copied-frames.ts",
    search: "else if (end === start) frame.fill(0);",
    replace: "else if (end === start) return;",
    law: "moments, often copied",
  },
  {
    bug: "a copied frame that holds what its source holds later",
    file: "writer/copied-frames.ts",
    search: "source.next < end && sorted.positions[source.next] < position;",
    replace: "source.next < end;",
    law: "moments, never copied",
  },
  {
    bug: "a copied frame that holds what its source held as the segment began",
    file: "writer/copied-frames.ts",
    search: "source.next < end && sorted.positions[source.next] < position;",
    replace: "false;",
    law: "moments, never copied",
  },
  {
    bug: "a copy of a frame that lacks what the runs before it wrote",
    file: "writer/encode-runs.ts",
    search: "memory.setUint32(place, heapWords[word], true);",
    replace: "",
    law: "moments, often copied",
  },
  {
    bug: "a run that goes on over a copy",
    file: "writer/encode-runs.ts",
    search: "lengths[to] < OVERWRITTEN",
    replace: "lengths[to] < COPIED",
    law: "moments, never copied",
  },
  {
    bug: "lengths taken for alike by the first two",
    file: "writer/encode-runs.ts",
    search: "for (let i = from + 1; i < to; i++) if (lengths[i] !== length) return -1;",
    replace: "if (from + 1 < to && lengths[from + 1] !== length) return -1;",
    law: "batches",
  },
  {
    bug: "an index that leaves the last line of a write out",
    file: "writer/encode-runs.ts",
    search: "line <= last && line < 64",
    replace: "line < Math.max(last, (places[i] >>> 6) + 1)",
    law: "accesses",
  },
  {
    bug: "a write that overwrites a frame, and is indexed by its first line",
    file: "writer/encode-runs.ts",
    search: "(flags & WHOLE) === 0 ? [0, 0] : [-1, -1]",
    replace: "[0, 0]",
    law: "accesses",
  },
  {
    bug: "a state written whole as it is when the segment ends",
    file: "writer/recorder.ts",
    search: "this.#addWhole(this.#stateAtStart);",
    replace: "this.#addWhole(this.#stateAtStart === undefined ? undefined : json(this.#state));",
    law: "states",
  },
  {
    bug: "TLBs that are not written whole where a page was flushed",
    file: "format/tlb-fold.ts",
    search: "export const tlbNotes: readonly number[] = [FILLED, DIRTIED, PAGE_FLUSHED,",
    replace: "export const tlbNotes: readonly number[] = [FILLED, DIRTIED,",
    law: "TLBs",
  },
  {
    bug: "TLBs that forget which way is next",
    file: "reader/past-tlbs.ts",
    search: "fold.restore(snapshots);",
    replace: "fold.restore(snapshots.map(({ slots, next }) => ({ slots, next: next.map(() => 0) })));",
    law: "TLBs",
  },
  {
    bug: "a look that applies one write too many",
    file: "reader/apply-run.ts",
    search: "if (at < position) below++;",
    replace: "if (at <= position) below++;",
    law: "moments, never copied",
  },
  {
    bug: "a look that leaves a copy out where it begins with one",
    file: "reader/past-frame.ts",
    search: "else target.set(copy);",
    replace: "",
    law: "moments, often copied",
  },
  {
    bug: "a look that stops at the end of a segment",
    file: "reader/past-frame.ts",
    search: "  if (previous === undefined) return undefined;\n  const key",
    replace: "  if (previous !== undefined) return undefined;\n  const key",
    law: "moments, never copied",
  },
  {
    bug: "a search for a frame that asks the segment before, and no other",
    file: "reader/recording.ts",
    search: 'if (known !== undefined) return known === "never" ? undefined : this.segments[known];',
    replace: "if (known !== undefined) return undefined;",
    law: "moments, never copied",
  },
  {
    bug: "a binary search for the next segment that is one off",
    file: "reader/recording.ts",
    search: 'known === "never" || known < from) low = middle;',
    replace: 'known === "never" || known < from) low = middle + 1;',
    law: "accesses",
  },
  {
    bug: "a fact that a task's neighbour is told of",
    file: "reader/past-states.ts",
    search: "state = reduce(state, task, ",
    replace: "state = reduce(state, 0, ",
    law: "states",
  },
  {
    bug: "a last write that an earlier frame of the range hides",
    file: "questions/writes.ts",
    search: "if (found === undefined || at.moment > found.moment) found = at;",
    replace: "found ??= at;",
    law: "accesses",
  },
  {
    bug: "a search backwards that looks at each batch from its front",
    file: "questions/find-event.ts",
    search: "isForward ? i : batch.count - 1 - i",
    replace: "i",
    law: "searches",
  },
  {
    bug: "a search that passes over segments with one of two kinds",
    file: "questions/find-event.ts",
    search: "kinds?.some((kind) => hasKind(segment.header, catalogue[kind].code)) === false",
    replace: "kinds?.every((kind) => hasKind(segment.header, catalogue[kind].code)) === false",
    law: "searches",
  },
  {
    bug: "origins that begin anew with each segment only",
    file: "format/stretch.ts",
    search: "    this.#at = 0;\n    this.#last = 0;",
    replace: "    this.#at = 0;",
    law: "batches",
  },
  {
    bug: "blocks that are believed unchecked",
    file: "reader/segment-parts.ts",
    search: "if (found !== crc) throw",
    replace: "if (found !== crc && what === 'a run') throw",
    law: "flipped bits",
  },
  {
    bug: "runs that are believed unchecked",
    file: "reader/segment-parts.ts",
    search: "if (found !== crc) throw",
    replace: "if (found !== crc && what !== 'a run') throw",
    law: "flipped bits",
  },
  {
    bug: "a recording without an end that is refused",
    file: "reader/recording.ts",
    search: "return walkSegments(source, first);",
    replace: "throw reason;",
    law: "cuts",
  },
  {
    bug: "a walk that leaves the last whole segment out",
    file: "reader/recording.ts",
    search: "return { headers, cut: reason };\n    }\n  }\n}",
    replace: "return { headers: headers.slice(0, -1), cut: reason };\n    }\n  }\n}",
    law: "cuts",
  },
  {
    bug: "a scan that takes the long way of each varint for the short one",
    file: "reader/spread-runs.ts",
    search: "at += (byte & 127) * unit;",
    replace: "at += byte & 127;",
    law: "batches",
  },
  {
    bug: "a scan that goes on behind its range",
    file: "reader/spread-runs.ts",
    search: "if (at < from || at >= to) continue;",
    replace: "if (at < from) continue;",
    law: "batches",
  },
  {
    bug: "a scan that leaves no room behind long bytes",
    file: "reader/spread-runs.ts",
    search: "this.#longEnd += Math.ceil(length / 8) * 8;",
    replace: "this.#longEnd += Math.floor(length / 8) * 8;",
    law: "batches",
  },
  {
    bug: "a scan that takes a page that is not told for page zero",
    file: "reader/segment-scan.ts",
    search: "page[code] * frameBytes : -1;",
    replace: "page[code] * frameBytes : 0;",
    law: "batches",
  },
  {
    bug: "a run that stands alone, and leads to the last but one before it",
    file: "writer/encode-runs.ts",
    search: "this.#lastRecords[key * recordWords] = run;",
    replace: "this.#lastRecords[key * recordWords] = Math.max(0, run - 1);",
    law: "accesses",
  },
  {
    bug: "copies of frames that are all the block's first",
    file: "writer/encode-runs.ts",
    search: "base + this.#blockEnd + copy * frameBytes",
    replace: "base + this.#blockEnd",
    law: "moments, often copied",
  },
  {
    bug: "copies of frames that are believed unchecked",
    file: "reader/segment-parts.ts",
    search: "if (found !== crc) throw",
    replace: "if (found !== crc && what !== 'a copy of a frame') throw",
    law: "flipped bits",
  },
];
