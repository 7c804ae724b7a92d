// The lab report's files read back: records without a head, a count or an end, made sense of as far as they go.

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { recordBytes } from "./page-record.ts";

/** What a file of the report holds. */
export interface ReportRecords {
  /** Page address to its 4096 bytes: views of the file. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
  /** What is wrong with the file as far as one can tell, in sentences. */
  readonly complaints: readonly string[];
}

/** So many complaints of one file are told; then only their number. */
const toldComplaints = 8;

/**
 * Reads any bytes and never throws. The writer goes upwards through memory, so an address that is not above the one before
 * it began an earlier, longer file: it and what follows are left out. A tail whose addresses go on upwards cannot be told
 * from the file's own records, nor can a page that a newline in the right place makes look whole.
 */
export function readRecords(architecture: Architecture, bytes: Uint8Array): ReportRecords {
  const file = new RecordFile(architecture, bytes);
  const pages = new Map<number, Uint8Array>();
  const complaints: string[] = [];
  let last = -1;
  let at = 0;
  while (at < bytes.length) {
    const address = file.addressAt(at);
    const isRecord = address !== undefined && file.isRecord(at);
    if (isRecord && address <= last) {
      complaints.push(
        `from byte ${at} on it is the tail of an earlier, longer file: page ${hex(address)} after page ${hex(last)}`,
      );
      break;
    }
    const next = isRecord ? at + file.recordBytes : file.nextRecord(at, last);
    if (isRecord) {
      pages.set(address, bytes.subarray(at + architecture.wordBytes, next - 1));
      last = address;
    } else {
      complaints.push(file.describe(at, next));
    }
    at = next;
  }
  const untold = complaints.length - toldComplaints;
  return {
    pages,
    complaints: untold > 0 ? [...complaints.slice(0, toldComplaints), `${untold} more places are wrong`] : complaints,
  };
}

/** Where records can stand in a run of bytes. */
class RecordFile {
  readonly recordBytes: number;
  readonly #architecture: Architecture;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(architecture: Architecture, bytes: Uint8Array) {
    this.recordBytes = recordBytes(architecture);
    this.#architecture = architecture;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The word here, if it can be the address of a page. */
  addressAt(at: number): number | undefined {
    const { wordBytes, taskSize } = this.#architecture;
    if (at + wordBytes > this.#bytes.length) return undefined;
    const low = this.#view.getUint32(at, true);
    if ((low & (frameBytes - 1)) !== 0) return undefined;
    const address = low + (wordBytes === 8 ? this.#view.getUint32(at + 4, true) * 0x1_0000_0000 : 0);
    return address < taskSize ? address : undefined;
  }

  /** Whether a whole record stands here, and then the end of the file or what can be another. */
  isRecord(at: number): boolean {
    const end = at + this.recordBytes;
    return end <= this.#bytes.length && this.#bytes[end - 1] === newline && this.#canBegin(end);
  }

  /**
   * Where the next record begins after one at `at` that is not whole; the end of the file when there is none. Zeros in a page
   * look like address 0, so it must lie above `last` and above what stands here.
   */
  nextRecord(at: number, last: number): number {
    const above = Math.max(last, this.addressAt(at) ?? last);
    const afterAddress = at + this.#architecture.wordBytes + 1;
    if (this.#isUnread(at)) return afterAddress;
    for (let next = at + 1; next < this.#bytes.length; next++) {
      const address = this.addressAt(next);
      if (address !== undefined && address > above && this.isRecord(next)) return next;
    }
    return this.#bytes.length;
  }

  /** What is wrong with the bytes from `at` to `next`. */
  describe(at: number, next: number): string {
    const address = this.addressAt(at);
    if (address === undefined) return `no page's address stands at byte ${at}: ${next - at} bytes are passed over`;
    if (this.#isUnread(at))
      return `page ${hex(address)} at byte ${at} could not be read when it was saved: its bytes are missing`;
    const byteCount = `${next - at} of ${this.recordBytes} bytes`;
    if (next === this.#bytes.length) return `page ${hex(address)} at byte ${at} is cut off or broken: ${byteCount} to the end`;
    return `page ${hex(address)} at byte ${at} is broken: ${byteCount} to the next page that is whole`;
  }

  /** An address and a newline, and then what can be another record: the page's bytes could not be read. */
  #isUnread(at: number): boolean {
    const end = at + this.#architecture.wordBytes + 1;
    return this.addressAt(at) !== undefined && this.#bytes[end - 1] === newline && this.#canBegin(end);
  }

  #canBegin(at: number): boolean {
    return this.#bytes.length - at < this.#architecture.wordBytes || this.addressAt(at) !== undefined;
  }
}

const newline = 0x0a;

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
