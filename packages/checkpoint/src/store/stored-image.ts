// An image that stands in a store, verified but for the bytes of its pages.

import { BadImage } from "../bad-image.ts";
import { crc32c } from "../image/crc32c.ts";
import { checksumBytes } from "../image/image-files.ts";
import type { PageWriter } from "../image/page-writer.ts";
import type { TreeImage } from "../image/tree-image.ts";
import type { PageFileAt, PageReader } from "./page-readers.ts";

/** An image whose manifest, files, digests and maps are believed. The bytes of a page are judged when it is read. */
export interface StoredImage {
  readonly image: TreeImage;
  /** Of its directory. */
  readonly path: string;
  /** SHA-256 of its manifest.json in hexadecimal digits: what an increment names its parent by. Empty where CRIU wrote the image. */
  readonly digest: string;
  readonly encoding: PageWriter["encoding"];
  /** How many DATA pages it holds. */
  readonly pageCount: number;
  /** Bytes of all its files. */
  readonly byteCount: number;
  /**
   * Fills `target`, 4096 bytes, with DATA page `index`. Of an image of lines only the kept lines are filled: `target` must hold the
   * parent's page before, or zeros where it has none. Throws `BadImage` when the bytes are not those whose checksum it has.
   * Quickest by rising index.
   */
  page(index: number, target: Uint8Array): void;
  /** Whether DATA page `index` can be read without the parent's. */
  isWhole(index: number): boolean;
}

/** What the pages of an image are read from. */
export interface OpenedPages {
  readonly files: readonly (PageFileAt & { readonly reader: PageReader })[];
  /** CRC32C of each page; `undefined`: whoever wrote the image kept none. */
  readonly checksums: Uint8Array | undefined;
}

/** An image that was opened. */
export class OpenedImage implements StoredImage {
  readonly image: TreeImage;
  readonly path: string;
  readonly digest: string;
  readonly encoding: PageWriter["encoding"];
  readonly pageCount: number;
  readonly byteCount: number;
  readonly #files: OpenedPages["files"];
  readonly #checksums: DataView | undefined;
  /** The file that the last page was in. */
  #file = 0;

  constructor(image: Omit<StoredImage, "page" | "isWhole">, { files, checksums }: OpenedPages) {
    this.image = image.image;
    this.path = image.path;
    this.digest = image.digest;
    this.encoding = image.encoding;
    this.pageCount = image.pageCount;
    this.byteCount = image.byteCount;
    this.#files = files;
    this.#checksums = checksums && new DataView(checksums.buffer, checksums.byteOffset, checksums.length);
  }

  page(index: number, target: Uint8Array): void {
    const { reader, first, path } = this.#fileOf(index);
    reader.read(index - first, target);
    if (this.#checksums === undefined) return;
    const expected = this.#checksums.getUint32(index * checksumBytes, true);
    const found = crc32c(target);
    if (found === expected) return;
    const expectation = `page ${index} of the image with the checksum ${expected.toString(16)}`;
    throw new BadImage(path, reader.positionOf(index - first), expectation, found.toString(16));
  }

  isWhole(index: number): boolean {
    const { reader, first } = this.#fileOf(index);
    return reader.isWhole(index - first);
  }

  #fileOf(index: number): OpenedPages["files"][number] {
    if (!(index >= 0 && index < this.pageCount)) throw new RangeError(`page ${index} of ${this.pageCount} in ${this.path}`);
    while (index < this.#files[this.#file].first) this.#file--;
    while (index >= this.#files[this.#file].first + this.#files[this.#file].pageCount) this.#file++;
    return this.#files[this.#file];
  }
}
