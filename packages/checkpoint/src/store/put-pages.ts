// The pages of an image put into its files, with their checksums.

import { frameBytes } from "@pagelapse/mmu";
import type { Vfs } from "@pagelapse/vfs";
import { crc32c } from "../image/crc32c.ts";
import {
  blockPages,
  checksumBytes,
  dataPagesOf,
  digestOfPages,
  entryBytes,
  lineBytes,
  pageFilesOf,
} from "../image/image-files.ts";
import type { PageFile } from "../image/image-files.ts";
import type { FileEntry } from "../image/manifest.ts";
import type { CompressedPages, LinePages, PageWriter, RawPages } from "../image/page-writer.ts";
import type { TreeImage } from "../image/tree-image.ts";
import type { NotCommitted } from "./commit-result.ts";
import { pathIn } from "./names.ts";
import { writeNewFile } from "./new-file.ts";
import type { Put } from "./new-file.ts";

/** Pages that were written. */
export interface PutPages {
  /** The file of checksums. */
  readonly checksums: Uint8Array;
  readonly files: readonly FileEntry[];
}

/** Writes all DATA pages of an image into a directory, a mebibyte at most at a time. */
export function putPages(vfs: Vfs, directory: string, image: TreeImage, pages: PageWriter): PutPages | NotCommitted {
  const checksums = new Checksums(dataPagesOf(image));
  const files: FileEntry[] = [];
  for (const file of pageFilesOf(image, pages.encoding)) {
    const path = pathIn(directory, file.name);
    let byteCount = 0;
    const failed = writeNewFile(vfs, path, (put) =>
      fill(file, pages, checksums, (bytes, position) => {
        byteCount = Math.max(byteCount, position + bytes.length);
        return put(bytes, position);
      }),
    );
    if (failed !== undefined) return { kind: "failed", path, reason: failed.errno };
    files.push({ name: file.name, byteCount, digest: digestOfPages(file, checksums.bytes, byteCount) });
  }
  return { checksums: checksums.bytes, files };
}

/** Checksums by the number of their page. */
class Checksums {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(pageCount: number) {
    this.bytes = new Uint8Array(pageCount * checksumBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Reads a page and keeps its checksum. */
  read(pages: PageWriter, index: number, target: Uint8Array): void {
    pages.read(index, target);
    this.#view.setUint32(index * checksumBytes, crc32c(target), true);
  }
}

function fill(file: PageFile, pages: PageWriter, checksums: Checksums, put: Put): ReturnType<Put> {
  switch (pages.encoding) {
    case "raw":
      return fillRaw(file, pages, checksums, put);
    case "lines":
      return fillLines(file, pages, checksums, put);
    case "compressed":
      return fillCompressed(file, pages, checksums, put);
  }
}

/** Pages that are written together: a mebibyte. */
const piecePages = 256;

function fillRaw({ first, pageCount }: PageFile, pages: RawPages, checksums: Checksums, put: Put): ReturnType<Put> {
  const piece = new Uint8Array(Math.min(piecePages, pageCount) * frameBytes);
  for (let done = 0; done < pageCount; done += piecePages) {
    const count = Math.min(piecePages, pageCount - done);
    for (let i = 0; i < count; i++) checksums.read(pages, first + done + i, piece.subarray(i * frameBytes, (i + 1) * frameBytes));
    const failed = put(piece.subarray(0, count * frameBytes), done * frameBytes);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

function fillLines({ pageCount }: PageFile, pages: LinePages, checksums: Checksums, put: Put): ReturnType<Put> {
  const masks = new Uint8Array(pageCount * entryBytes);
  const page = new Uint8Array(frameBytes);
  const piece = new Uint8Array(piecePages * frameBytes);
  let filled = 0;
  let position = masks.length;
  const flush = (): ReturnType<Put> => {
    const failed = put(piece.subarray(0, filled), position);
    position += filled;
    filled = 0;
    return failed;
  };
  for (let index = 0; index < pageCount; index++) {
    checksums.read(pages, index, page);
    const mask = masks.subarray(index * entryBytes, (index + 1) * entryBytes);
    pages.lines(index, mask);
    for (let line = 0; line < frameBytes / lineBytes; line++) {
      if ((mask[line >> 3] & (1 << (line & 7))) === 0) continue;
      piece.set(page.subarray(line * lineBytes, (line + 1) * lineBytes), filled);
      filled += lineBytes;
    }
    const failed = filled + frameBytes > piece.length ? flush() : undefined;
    if (failed !== undefined) return failed;
  }
  return flush() ?? put(masks, 0);
}

function fillCompressed({ pageCount }: PageFile, pages: CompressedPages, checksums: Checksums, put: Put): ReturnType<Put> {
  const table = new Uint8Array(Math.ceil(pageCount / blockPages) * entryBytes);
  const entries = new DataView(table.buffer);
  const block = new Uint8Array(Math.min(blockPages, pageCount) * frameBytes);
  let position = table.length;
  for (let first = 0; first < pageCount; first += blockPages) {
    const count = Math.min(blockPages, pageCount - first);
    for (let i = 0; i < count; i++) checksums.read(pages, first + i, block.subarray(i * frameBytes, (i + 1) * frameBytes));
    const compressed = pages.codec.compress(block.subarray(0, count * frameBytes));
    const entry = (first / blockPages) * entryBytes;
    entries.setUint32(entry, compressed.length, true);
    entries.setUint32(entry + 4, crc32c(compressed), true);
    const failed = put(compressed, position);
    if (failed !== undefined) return failed;
    position += compressed.length;
  }
  return put(table, 0);
}
