// Processes, areas and files that cannot be: each is refused.

import { expect, test } from "vitest";
import { core, file, mm, page, pagemap, pstree, reg, refusal, vma } from "./refusal.ts";

test("what these examples are built of is believed", () => {
  expect(refusal("mm-5.img", mm(vma()))).toBe("believed");
  expect(refusal("pagemap-5.img", pagemap(page(0x1000, 1), page(0x2000, 2, 1)))).toBe("believed");
  expect(
    refusal(
      "files.img",
      file(
        "files",
        [
          [1, 1],
          [2, 1],
          [3, reg(1, "/a")],
        ],
        [
          [1, 5],
          [2, 9],
          [16, "a socket"],
        ],
      ),
    ),
  ).toBe("believed");
});

test.each<[string, string, Uint8Array | undefined, string]>([
  ["no process", "pstree.img", pstree(), "pstree.img: at byte 8: expected processes of x86 (1), or of RISC-V (8), found none"],
  ["pid 0", "pstree.img", pstree([0, 0]), "pstree.img: at byte 12: expected a pid that no process before has, found 0"],
  ["another processor", "core-5.img", core(3), "pstree.img: at byte 8: expected processes of x86 (1), or of RISC-V (8), found 3"],
  ["a protection that is none", "mm-5.img", mm(vma({ 5: 8 })), "mm-5.img: at byte 8: expected area 0: PROT_*, found prot 0x8"],
  [
    "a file that is not in files.img",
    "mm-5.img",
    mm(vma({ 4: 7, 6: 2, 7: 0x41 })),
    "mm-5.img: at byte 8: expected area 0: the id of such a file in files.img, found shmid 0x7",
  ],
  [
    "an area that ends above 2^53",
    "mm-5.img",
    mm(vma({ 2: 2n ** 60n })),
    "mm-5.img: at byte 8: expected area 0: an end below 2^53, found 1152921504606847000",
  ],
  [
    "an area out of line with pages",
    "mm-5.img",
    mm(vma({ 2: 0x9001 })),
    "mm-5.img: at byte 8: expected area 0: start, end and offset at multiples of 4096, found 4096, 36865, 0",
  ],
  [
    "an area of no page",
    "mm-5.img",
    mm(vma({ 2: 0x1000 })),
    "mm-5.img: at byte 8: expected area 0: a range not below 0, found 4096 to 4096",
  ],
  [
    "areas one over another",
    "mm-5.img",
    mm(vma(), vma({ 1: 0x8000, 2: 0xa000 })),
    "mm-5.img: at byte 8: expected area 1: a range not below 36864, found 32768 to 40960",
  ],
  [
    "a guard area, which CRIU puts behind the others",
    "mm-5.img",
    mm(vma(), vma({ 7: 0x1_0000 })),
    "mm-5.img: at byte 8: expected area 1: a range not below 36864, found 4096 to 36864",
  ],
  [
    "shared memory of System V",
    "mm-5.img",
    mm(vma({ 6: 0x21, 7: 0x501 })),
    "mm-5.img: at byte 8: expected area 0: private or shared memory, anonymous or of a file, found status 0x501",
  ],
  [
    "a private mapping of a memfd",
    "mm-5.img",
    mm(vma({ 6: 2, 7: 0x4041 })),
    "mm-5.img: at byte 8: expected area 0: private or shared memory, anonymous or of a file, found status 0x4041",
  ],
  [
    "huge pages",
    "mm-5.img",
    mm(vma({ 6: 0x4_0022 })),
    "mm-5.img: at byte 8: expected area 0: MAP_* of such memory, with no huge pages, found flags 0x40022",
  ],
  [
    "shared and private at once",
    "mm-5.img",
    mm(vma({ 6: 0x23 })),
    "mm-5.img: at byte 8: expected area 0: MAP_* of such memory, with no huge pages, found flags 0x23",
  ],
  [
    "advice that is none",
    "mm-5.img",
    mm(vma({ 9: 2n ** 63n })),
    "mm-5.img: at byte 8: expected area 0: advice that madvise(2) takes, found madv 0x8000000000000000",
  ],
  [
    "a file that is not in files.img",
    "mm-5.img",
    mm(vma({ 4: 7, 6: 2, 7: 0x41 })),
    "mm-5.img: at byte 8: expected area 0: the id of such a file in files.img, found shmid 0x7",
  ],
  [
    "a pid that comes twice",
    "pstree.img",
    pstree([5, 0], [5, 5]),
    "pstree.img: at byte 24: expected a pid that no process before has, found 5",
  ],
  [
    "a child before its parent",
    "pstree.img",
    pstree([5, 6], [6, 0]),
    "pstree.img: at byte 12: expected a process after its parent, found 5, child of 6",
  ],
  [
    "an id of a file that comes twice",
    "files.img",
    file(
      "files",
      [
        [1, 1],
        [2, 1],
        [3, reg(1, "/a")],
      ],
      [
        [1, 5],
        [2, 1],
      ],
    ),
    "files.img: at byte 44: expected an id that no file before has, found 1",
  ],
  [
    "a file that does not say what it is",
    "files.img",
    file("files", [
      [1, 1],
      [2, 1],
    ]),
    "files.img: at byte 12: expected what file 1 is, of type 1, found nothing",
  ],
  [
    "a file with two ids",
    "files.img",
    file("files", [
      [1, 1],
      [2, 1],
      [3, reg(2, "/a")],
    ]),
    "files.img: at byte 12: expected what file 1 is, of type 1, found file 2",
  ],
  [
    "a name with a NUL",
    "files.img",
    file("files", [
      [1, 1],
      [2, 1],
      [3, reg(1, "/a\0b")],
    ]),
    "files.img: at byte 37: expected a text in UTF-8, found another value",
  ],
  [
    "a name that is no UTF-8",
    "files.img",
    file("files", [
      [1, 1],
      [2, 1],
      [3, reg(1, Uint8Array.of(0xff))],
    ]),
    "files.img: at byte 37: expected a text in UTF-8, found bytes that are none",
  ],
  [
    "memory whose inode is missing",
    "files.img",
    file("files", [
      [1, 18],
      [2, 1],
      [
        20,
        [
          [1, 1],
          [5, 4],
        ],
      ],
    ]),
    "memfd.img: at byte 0: expected the file, found none of that name",
  ],
])("%s is refused", (_, name, bytes, message) => {
  expect(refusal(name, bytes)).toBe(message);
});
