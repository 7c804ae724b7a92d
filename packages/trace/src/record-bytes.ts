// Where the bytes of records go: contents of mappings, what the kernel wrote, and the contents at the end.

import { frameBytes } from "@pagelapse/mmu";
import { PROT_WRITE, areasIn, protOf, sliceArea } from "@pagelapse/vma";
import { hex } from "./bad-trace.ts";
import type { FinalCheck } from "./final-check.ts";
import { pageEnd, pageStart } from "./program-memory.ts";
import type { ProgramMemory, TracedMapping } from "./program-memory.ts";
import type { TraceSink } from "./trace-sink.ts";

/** Receives the bytes of a record as they come, in order, in pieces that lie in one page each and are lent. */
export interface Payload {
  take(vaddr: number, bytes: Uint8Array): void;
  end(): void;
}

/** Bytes of contents that become files, in all, at most: they are kept for as long as the machine is. */
const contentLimit = 2 ** 30;

/** What takes the bytes, for each kind of record that has some. */
export class RecordBytes {
  readonly #sink: TraceSink;
  readonly #memory: ProgramMemory;
  readonly #final: FinalCheck;
  #contentBytes = 0;

  constructor(sink: TraceSink, memory: ProgramMemory, final: FinalCheck) {
    this.#sink = sink;
    this.#memory = memory;
    this.#final = final;
  }

  /** A mapping whose bytes follow. */
  mapWithContent(mapping: TracedMapping, moment: "MAP" | "START"): Payload {
    return mapping.file === undefined ? this.#anonymousContent(mapping, moment) : this.#fileContent(mapping, mapping.file);
  }

  /** A mapping at the end; its bytes may follow. */
  final(mapping: TracedMapping): Payload {
    const final = this.#final;
    final.mapping(pageStart(mapping.start), pageEnd(mapping.start + mapping.byteCount));
    return { take: (vaddr, bytes) => final.bytes(vaddr, bytes), end: () => undefined };
  }

  /** `copy_to_user`, and a signal's frame. */
  kernelWrite(): Payload {
    return { take: (vaddr, bytes) => this.#memory.kernelStore(vaddr, bytes), end: () => undefined };
  }

  /**
   * A file mapping has become writable, and these are its bytes: it is mapped anew, from a file that has them, as it
   * was. What follows the range in its last page is zero, as after the end of a file.
   */
  content(start: number, byteCount: number): Payload {
    const memory = this.#memory;
    if (start !== pageStart(start)) throw memory.bad("an address at the start of a page", hex(start));
    const end = pageEnd(start + byteCount);
    const label = this.#label("CONTENT");
    let next = start;
    for (const area of areasIn(this.#sink.space.areas, start, end).map((each) => sliceArea(each, start, end))) {
      if (area.start > next) break;
      memory.map({
        start: next,
        byteCount: area.end - next,
        prot: protOf(area.flags),
        file: label,
        offset: next - start,
        name: area.name,
      });
      next = area.end;
    }
    if (next < end) throw memory.bad("the bytes of a mapping", `${hex(next)} (unmapped)`);
    return this.#provide(label, -start);
  }

  /** The bytes become a file of the trace's own, which is mapped: so a page comes in when the program touches it. */
  #fileContent(mapping: TracedMapping, name: string): Payload {
    const label = this.#label(name);
    this.#memory.map({ ...mapping, file: label, name });
    return this.#provide(label, mapping.offset - mapping.start);
  }

  /**
   * Nobody but the kernel puts bytes into anonymous memory before a program begins. So pages that are not zero are
   * stored by it, as exec(2) stores the arguments and the environment; and what holds them at the start is the stack.
   */
  #anonymousContent(mapping: TracedMapping, moment: "MAP" | "START"): Payload {
    const memory = this.#memory;
    let isMapped = false;
    return {
      take(vaddr, bytes) {
        if (isZero(bytes)) return;
        if (!isMapped && moment === "START" && (mapping.prot & PROT_WRITE) !== 0)
          memory.mapStack(mapping.start, mapping.byteCount, mapping.prot);
        else if (!isMapped) memory.map(mapping);
        isMapped = true;
        memory.kernelStore(vaddr, bytes);
      },
      end() {
        if (!isMapped) memory.map(mapping);
      },
    };
  }

  /** A label that no other mapping has. */
  #label(name: string): string {
    const label = `${name} (record ${hex(this.#memory.place.offset)})`;
    // The file begins to exist, also if all of it should be zero.
    this.#memory.execute({ kind: "provide-file", file: label, offset: 0, bytes: new Uint8Array() });
    return label;
  }

  /** Fills a file; a byte's place in it is its address plus `shift`. Pages of zeros take no room. */
  #provide(file: string, shift: number): Payload {
    return {
      take: (vaddr, bytes) => {
        if (isZero(bytes)) return;
        this.#contentBytes += frameBytes;
        if (this.#contentBytes > contentLimit)
          throw this.#memory.bad(`contents of at most ${hex(contentLimit)} bytes in all`, "more");
        this.#memory.execute({ kind: "provide-file", file, offset: vaddr + shift, bytes });
      },
      end: () => undefined,
    };
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
