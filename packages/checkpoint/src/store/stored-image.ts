// An image that stands in a store, verified but for the bytes of its pages.

import type { PageWriter } from "../image/page-writer.ts";
import type { TreeImage } from "../image/tree-image.ts";

/** An image whose manifest, files, digests and maps are believed. The bytes of a page are judged when it is read. */
export interface StoredImage {
  readonly image: TreeImage;
  /** Of its directory. */
  readonly path: string;
  /** SHA-256 of its manifest.json in hexadecimal digits: what an increment names its parent by. */
  readonly digest: string;
  readonly encoding: PageWriter["encoding"];
  /** How many DATA pages it holds. */
  readonly pageCount: number;
  /**
   * Fills `target`, 4096 bytes, with DATA page `index`. Of an image of lines only the kept lines are filled: `target` must hold the
   * parent's page before, or zeros where it has none. Throws `BadImage` when the bytes are not those whose checksum it has.
   * Quickest by rising index.
   */
  page(index: number, target: Uint8Array): void;
}
