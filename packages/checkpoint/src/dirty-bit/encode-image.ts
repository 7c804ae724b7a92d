// Images written.

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import { crc32c } from "../image/crc32c.ts";
import { areaBytes, checksumBytes, formatVersion, headerBytes, magic, none, pageKinds, pageLimit, runBytes } from "./image.ts";
import type { Image, PageRun } from "./image.ts";

/** A file's bytes and the checksum at their end, by which a child names it. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/** Encodes an image. `readPage` fills its target with the DATA page of that number, counted from 0 in the order of the map. */
export function encodeImage(
  architecture: Architecture,
  image: Image,
  readPage: (index: number, target: Uint8Array) => void,
): EncodedImage {
  const labels = image.areas.map(labelsOf);
  const dataStart = dataOffset(image.runs.length, labels);
  const dataPages = countPages(image.runs, "DATA");
  if (countPages(image.runs) > pageLimit)
    throw new RangeError(`${countPages(image.runs)} pages in one image: at most ${pageLimit}`);
  const bytes = new Uint8Array(dataStart + dataPages * frameBytes + checksumBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, formatVersion, true);
  view.setUint32(12, image.sequence, true);
  view.setFloat64(16, bytes.length, true);
  bytes.set(new TextEncoder().encode(architecture.name), 24);
  view.setUint32(40, image.parent?.sequence ?? none, true);
  view.setUint32(44, image.parent?.checksum ?? 0, true);
  view.setUint32(48, image.pid, true);
  view.setUint32(52, image.checkCount, true);
  view.setFloat64(56, image.startBrk, true);
  view.setFloat64(64, image.brk, true);
  view.setUint32(72, image.runs.length, true);
  view.setUint32(76, image.areas.length, true);
  image.runs.forEach((run, index) => writeRun(view, headerBytes + index * runBytes, run));
  let at = headerBytes + image.runs.length * runBytes;
  image.areas.forEach((area, index) => (at = writeArea(view, at, area, labels[index])));
  for (let index = 0; index < dataPages; index++) {
    const start = dataStart + index * frameBytes;
    readPage(index, bytes.subarray(start, start + frameBytes));
  }
  const checksum = crc32c(bytes.subarray(0, -checksumBytes));
  view.setUint32(bytes.length - checksumBytes, checksum, true);
  return { bytes, checksum };
}

/** Bytes of the file that `encodeImage` makes of these areas and this page map. */
export function imageByteCount(areas: readonly Area[], runs: readonly PageRun[]): number {
  return dataOffset(runs.length, areas.map(labelsOf)) + countPages(runs, "DATA") * frameBytes + checksumBytes;
}

/** Pages of these runs, of one kind or of all. */
export function countPages(runs: readonly PageRun[], kind?: PageRun["kind"]): number {
  return runs.reduce((count, run) => count + (kind === undefined || run.kind === kind ? run.pageCount : 0), 0);
}

interface Labels {
  readonly file: Uint8Array | undefined;
  readonly name: Uint8Array;
}

function labelsOf(area: Area): Labels {
  const encoder = new TextEncoder();
  return { file: area.file === undefined ? undefined : encoder.encode(area.file), name: encoder.encode(area.name) };
}

function dataOffset(runCount: number, labels: readonly Labels[]): number {
  const areas = labels.reduce((sum, { file, name }) => sum + areaBytes + (file?.length ?? 0) + name.length, 0);
  return Math.ceil((headerBytes + runCount * runBytes + areas) / 8) * 8;
}

function writeRun(view: DataView, at: number, run: PageRun): void {
  view.setFloat64(at, run.start, true);
  view.setUint32(at + 8, run.pageCount, true);
  view.setUint32(at + 12, pageKinds.indexOf(run.kind), true);
}

/** Returns where the next area begins. */
function writeArea(view: DataView, at: number, area: Area, { file, name }: Labels): number {
  view.setFloat64(at, area.start, true);
  view.setFloat64(at + 8, area.end, true);
  view.setFloat64(at + 16, area.offset, true);
  view.setUint32(at + 24, area.flags, true);
  view.setUint32(at + 28, area.object ?? none, true);
  view.setUint32(at + 32, area.anonVma ?? none, true);
  view.setUint32(at + 36, file?.length ?? none, true);
  view.setUint32(at + 40, name.length, true);
  const bytes = new Uint8Array(view.buffer);
  const labels = at + areaBytes;
  if (file !== undefined) bytes.set(file, labels);
  bytes.set(name, labels + (file?.length ?? 0));
  return labels + (file?.length ?? 0) + name.length;
}
