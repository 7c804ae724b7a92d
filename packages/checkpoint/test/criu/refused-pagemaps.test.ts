// Maps of pages that cannot be: each is refused where it goes wrong.

import { expect, test } from "vitest";
import { file, page, pagemap, refusal } from "./refusal.ts";

test.each<[string, string, Uint8Array | undefined, string]>([
  [
    "a file of pages of two maps",
    "pagemap-5.img",
    file("pagemap", [[1, 2]], page(0x1000, 1)),
    "pages-2.img: at byte 0: expected a file of pages for one map, found two that name it",
  ],
  [
    "a map of shared memory missing",
    "pagemap-shmem-3.img",
    undefined,
    "pagemap-shmem-3.img: at byte 0: expected the file, found none of that name",
  ],
  [
    "a map without its head",
    "pagemap-5.img",
    file("pagemap"),
    "pagemap-5.img: at byte 8: expected a pagemap_head, found the end of the file",
  ],
  [
    "a page out of line",
    "pagemap-5.img",
    pagemap(page(0x1001, 1)),
    "pagemap-5.img: at byte 18: expected a page at a multiple of 4096, found 4097",
  ],
  [
    "pages out of order",
    "pagemap-5.img",
    pagemap(page(0x2000, 1), page(0x1000, 1)),
    "pagemap-5.img: at byte 27: expected a page not below 12288, found 4096",
  ],
  [
    "pages one over another",
    "pagemap-5.img",
    pagemap(page(0x1000, 2), page(0x2000, 1)),
    "pagemap-5.img: at byte 27: expected a page not below 12288, found 8192",
  ],
  [
    "a run of no page",
    "pagemap-5.img",
    pagemap(page(0x1000, 0)),
    "pagemap-5.img: at byte 18: expected 1 to 4294967295 pages, found 0",
  ],
  [
    "a run beyond all addresses",
    "pagemap-5.img",
    pagemap([...page(0x1000, 0), [5, 2n ** 62n]]),
    "pagemap-5.img: at byte 18: expected 1 to 4294967295 pages, found 4611686018427388000",
  ],
  [
    "more pages than a count has room for, in two runs",
    "pagemap-shmem-3.img",
    pagemap(page(0x1000, 2 ** 31), page(2 ** 44, 2 ** 31)),
    "pagemap-shmem-3.img: at byte 31: expected 1 to 2147483647 pages, found 2147483648",
  ],
  [
    "pages beyond all addresses",
    "pagemap-shmem-3.img",
    pagemap(page(2n ** 64n - 4096n, 2)),
    "pagemap-shmem-3.img: at byte 18: expected pages below 2^64, found 2 at 18446744073709548000",
  ],
  [
    "pages outside areas",
    "pagemap-5.img",
    pagemap(page(0x8000, 2)),
    "pagemap-5.img: at byte 8: expected pages inside areas, found page 36864 in none",
  ],
  [
    "as many as there can be",
    "pagemap-5.img",
    pagemap(page(0x1000, 0xffff_ffff)),
    "pagemap-5.img: at byte 8: expected pages inside areas, found page 36864 in none",
  ],
  [
    "pages that are lazy and nowhere",
    "pagemap-5.img",
    pagemap(page(0x1000, 1, 2)),
    "pagemap-5.img: at byte 18: expected pages in this image or in its parent, found flags 2",
  ],
  [
    "pages both here and in the parent",
    "pagemap-5.img",
    pagemap(page(0x1000, 1, 5)),
    "pagemap-5.img: at byte 18: expected pages in this image or in its parent, found flags 5",
  ],
  [
    "a flag of pages to come",
    "pagemap-5.img",
    pagemap(page(0x1000, 1, 12)),
    "pagemap-5.img: at byte 18: expected pages in this image or in its parent, found flags 12",
  ],
  [
    "no flag set",
    "pagemap-5.img",
    pagemap(page(0x1000, 1, 0)),
    "pagemap-5.img: at byte 18: expected pages in this image or in its parent, found flags 0",
  ],
  [
    "in_parent against the flags",
    "pagemap-5.img",
    pagemap([
      [1, 0x1000],
      [2, 1],
      [3, 1],
      [4, 4],
    ]),
    "pagemap-5.img: at byte 18: expected pages in this image or in its parent, found flags 4",
  ],
  [
    "in_parent neither true nor false",
    "pagemap-5.img",
    pagemap([
      [1, 0x1000],
      [2, 1],
      [3, 2],
    ]),
    "pagemap-5.img: at byte 24: expected 0 or 1, found another value",
  ],
])("%s is refused", (_, name, bytes, message) => {
  expect(refusal(name, bytes)).toBe(message);
});
