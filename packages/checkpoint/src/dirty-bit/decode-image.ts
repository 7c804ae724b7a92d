// Images read: every byte is checked before it is believed, and every length before it is used.

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { BadImage } from "../bad-image.ts";
import { crc32c } from "../image/crc32c.ts";
import { countPages } from "./encode-image.ts";
import { ImageReader } from "./image-reader.ts";
import {
  areaBytes,
  checksumBytes,
  formatVersion,
  headerBytes,
  magic,
  architectureBytes,
  none,
  pageKinds,
  pageLimit,
  runBytes,
  runOffset,
} from "./image.ts";
import type { Image, PageRun } from "./image.ts";

/** An image that was believed. */
export interface DecodedImage extends Image {
  readonly checksum: number;
  /** The bytes of the DATA page of that number: a view of the file. */
  readonly dataPage: (index: number) => Uint8Array;
}

/** Decodes a file. What `encodeImage` would not have written for the same image is refused: throws `BadImage`. */
export function decodeImage(architecture: Architecture, file: string, bytes: Uint8Array): DecodedImage {
  const reader = new ImageReader(file, bytes);
  const { sequence, checksum } = checkFrame(reader, architecture);
  const parent = readParent(reader, sequence);
  const pid = reader.word();
  const checkCount = reader.word();
  const startBrk = reader.address(architecture.taskSize, "the start of the break");
  const brk = reader.address(architecture.taskSize, "the break");
  const runCount = reader.count(runBytes, "runs of pages");
  const areaCount = reader.count(areaBytes, "areas");
  const runs: PageRun[] = [];
  for (let index = 0; index < runCount; index++) runs.push(readRun(reader, architecture, runs.at(-1), parent !== undefined));
  const areas: Area[] = [];
  for (let index = 0; index < areaCount; index++) areas.push(readArea(reader, architecture, areas.at(-1)?.end ?? 0));
  runs.forEach((run, index) => checkMapped(file, areas, run, runOffset(index)));
  checkPageCount(file, runs);
  reader.padding();
  const dataStart = reader.at;
  reader.expectEnd(dataStart + countPages(runs, "DATA") * frameBytes + checksumBytes);
  const dataPage = (index: number): Uint8Array =>
    bytes.subarray(dataStart + index * frameBytes, dataStart + (index + 1) * frameBytes);
  return { sequence, parent, pid, checkCount, startBrk, brk, areas, runs, checksum, dataPage };
}

/** Magic, version, length, architecture and checksum: what makes the rest worth reading. */
function checkFrame(reader: ImageReader, architecture: Architecture): { readonly sequence: number; readonly checksum: number } {
  const { bytes } = reader;
  const wrong = magic.findIndex((byte, index) => index < bytes.length && bytes[index] !== byte);
  if (wrong !== -1) throw new BadImage(reader.file, wrong, 'the magic "PGLAPSE\\n"', `the byte ${bytes[wrong]}`);
  reader.expect(
    bytes.length >= headerBytes + checksumBytes,
    0,
    `at least ${headerBytes + checksumBytes} bytes`,
    `${bytes.length}`,
  );
  reader.at = magic.length;
  const version = reader.word();
  reader.expect(version === formatVersion, 4, `format version ${formatVersion}`, `${version}`);
  const sequence = reader.below(none, "a sequence");
  const byteCount = reader.double();
  reader.expect(byteCount === bytes.length, 8, `a file of ${byteCount} bytes`, `${bytes.length}`);
  const end = bytes.length - checksumBytes;
  const stored = reader.wordAt(end);
  const checksum = crc32c(bytes.subarray(0, end));
  if (stored !== checksum) throw new BadImage(reader.file, end, `the checksum ${checksum.toString(16)}`, stored.toString(16));
  const name = reader.text(architectureBytes);
  const expected = architecture.name.padEnd(architectureBytes, "\0");
  reader.expect(name === expected, architectureBytes, `an image of ${architecture.name}`, `one of ${JSON.stringify(name)}`);
  return { sequence, checksum };
}

function readParent(reader: ImageReader, sequence: number): Image["parent"] {
  const parent = reader.word();
  reader.expect(parent === none || parent < sequence, 4, `a parent before image ${sequence}`, `${parent}`);
  const checksum = reader.word();
  reader.expect(parent !== none || checksum === 0, 4, "no checksum without a parent", checksum.toString(16));
  return parent === none ? undefined : { sequence: parent, checksum };
}

function readRun(reader: ImageReader, architecture: Architecture, previous: PageRun | undefined, hasParent: boolean): PageRun {
  const start = reader.address(architecture.taskSize, "a page", frameBytes);
  const end = previous === undefined ? 0 : previous.start + previous.pageCount * frameBytes;
  reader.expect(start >= end, 8, `a page not below ${end}`, `${start}`);
  const pageCount = reader.word();
  reader.expect(pageCount > 0 && pageCount <= pageLimit, 4, `1 to ${pageLimit} pages`, `${pageCount}`);
  const number = reader.word();
  const kind = pageKinds[number];
  reader.expect(number < pageKinds.length, 4, "a kind of page from 0 to 2", `${number}`);
  reader.expect(kind !== "PARENT" || hasParent, 4, "no PARENT pages without a parent", "PARENT");
  reader.expect(kind !== previous?.kind || start !== end, 4, "neighbouring pages of one kind in one run", kind);
  return { start, pageCount, kind };
}

function readArea(reader: ImageReader, architecture: Architecture, floor: number): Area {
  const start = reader.address(architecture.taskSize, "the start of an area", frameBytes);
  reader.expect(start >= floor, 8, `an area not below ${floor}`, `${start}`);
  const end = reader.address(architecture.taskSize, "the end of an area", frameBytes);
  reader.expect(end > start, 8, `an end above ${start}`, `${end}`);
  const offset = reader.integer("an offset");
  const flags = reader.word();
  const object = reader.optionalWord();
  const anonVma = reader.optionalWord();
  const fileBytes = reader.optionalWord();
  const nameBytes = reader.word();
  const file = fileBytes === undefined ? undefined : reader.text(fileBytes);
  return { start, end, flags, file, offset, name: reader.text(nameBytes), object, anonVma };
}

/** Pages lie in areas. */
function checkMapped(file: string, areas: readonly Area[], run: PageRun, offset: number): void {
  const end = run.start + run.pageCount * frameBytes;
  for (let vaddr = run.start; vaddr < end;) {
    const area = areaAt(areas, vaddr);
    if (area === undefined) throw new BadImage(file, offset, "pages inside areas", `page ${vaddr} in none`);
    vaddr = area.end;
  }
}

function checkPageCount(file: string, runs: readonly PageRun[]): void {
  const pageCount = countPages(runs);
  if (pageCount > pageLimit) throw new BadImage(file, headerBytes, `at most ${pageLimit} pages`, `${pageCount}`);
}
