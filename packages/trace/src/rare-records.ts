// The records that come rarely, checked field by field, and what each does.

import { hex } from "./bad-trace.ts";
import type { FinalCheck } from "./final-check.ts";
import type { ProgramMemory } from "./program-memory.ts";
import { CONTENT_FOLLOWS } from "./record.ts";
import type { RecordName } from "./record.ts";
import { RecordBytes } from "./record-bytes.ts";
import type { Payload } from "./record-bytes.ts";
import type { TraceSink } from "./trace-sink.ts";

/** Bytes of a file's name at most: Linux's PATH_MAX. */
const nameLimit = 4096;
/** Mapped files are no longer than this. */
const fileLimit = 2 ** 47;

/** Every record that is no access. */
export type RareRecordName = Exclude<RecordName, "LOAD" | "STORE" | "INSTR" | "PC">;

/** Acts for the recorded stream. Every method throws `BadTrace` for a field that cannot be. */
export class RareRecords {
  readonly #memory: ProgramMemory;
  readonly #bytes: RecordBytes;
  readonly #taskSize: number;

  constructor(sink: TraceSink, memory: ProgramMemory, final: FinalCheck) {
    this.#memory = memory;
    this.#bytes = new RecordBytes(sink, memory, final);
    this.#taskSize = sink.architecture.taskSize;
  }

  /** Checks the fields of a MAP, START or FINAL, and returns how long the name is that follows. */
  checkMapping(start: number, [byteCount, protAndMore, fileOffset, nameBytes]: readonly number[]): number {
    this.#checkRange(start, byteCount);
    this.#checkBits(protAndMore, 7 | CONTENT_FOLLOWS, "protection bits 1, 2, 4 and 0x100");
    if (fileOffset + byteCount > fileLimit)
      throw this.#memory.bad(`a file of at most ${hex(fileLimit)} bytes`, `bytes ${hex(fileOffset)} and on`);
    if (nameBytes > nameLimit) throw this.#memory.bad(`a name of at most ${nameLimit} bytes`, `one of ${nameBytes}`);
    return nameBytes;
  }

  /** Does what a record says. Returns what takes the bytes that follow it, as many as its first field says, if any do. */
  act(
    name: RareRecordName,
    start: number,
    size: number,
    fields: readonly number[],
    file: string | undefined,
  ): Payload | undefined {
    if (name === "SYSCALL") {
      const [result, ...args] = fields;
      this.#memory.noteSystemCall({ number: start, arguments: args, result, thread: size });
      return undefined;
    }
    if (name === "MAP" || name === "START" || name === "FINAL") return this.#map(name, start, fields, file);
    this.#checkRange(start, name === "REMAP" ? fields[1] : fields[0]);
    if (name === "KERNEL_WRITE" || name === "SIGNAL_FRAME") return this.#bytes.kernelWrite();
    if (name === "CONTENT") return this.#bytes.content(start, fields[0]);
    this.#change(name, start, fields);
    return undefined;
  }

  #map(name: "MAP" | "START" | "FINAL", start: number, fields: readonly number[], file: string | undefined): Payload | undefined {
    const [byteCount, protAndMore, offset] = fields;
    const hasContent = (protAndMore & CONTENT_FOLLOWS) !== 0;
    const mapping = { start, byteCount, prot: protAndMore & 7, file, offset };
    if (name === "FINAL") {
      const payload = this.#bytes.final(mapping);
      return hasContent ? payload : undefined;
    }
    if (hasContent) return this.#bytes.mapWithContent(mapping, name);
    this.#memory.map(mapping);
    return undefined;
  }

  #change(
    name: "UNMAP" | "PROTECT" | "BRK_UP" | "BRK_DOWN" | "REMAP" | "ZERO",
    start: number,
    [first, second]: readonly number[],
  ): void {
    const memory = this.#memory;
    switch (name) {
      case "UNMAP":
        return memory.unmap(start, first);
      case "PROTECT":
        this.#checkBits(second, 7, "protection bits 1, 2 and 4");
        return memory.protect(start, first, second);
      case "BRK_UP":
        return memory.growBreak(start, first);
      case "BRK_DOWN":
        return memory.shrinkBreak(start, first);
      case "REMAP":
        this.#checkRange(first, second);
        return memory.move(start, first, second);
      case "ZERO":
        return memory.discard(start, first);
    }
  }

  #checkRange(start: number, byteCount: number): void {
    const taskSize = this.#taskSize;
    if (start >= taskSize) throw this.#memory.bad(`an address below ${hex(taskSize)}`, hex(start));
    if (byteCount === 0) throw this.#memory.bad("1 byte or more", "none");
    if (byteCount > taskSize - start)
      throw this.#memory.bad(`at most ${hex(taskSize - start)} bytes from ${hex(start)} on`, hex(byteCount));
  }

  #checkBits(bits: number, allowed: number, expected: string): void {
    if (bits > allowed || (bits & ~allowed) !== 0) throw this.#memory.bad(expected, hex(bits));
  }
}
