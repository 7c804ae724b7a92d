// No byte of an image can change without being noticed.

import { isFailure, readFile } from "@pagelapse/vfs";
import { expect, test } from "vitest";
import { BadImage } from "../../src/bad-image.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import type { Encoding } from "./program.ts";
import { filesIn, overwrite, twoImages } from "./forge.ts";
import { memoryIn } from "./program.ts";

/** Why an image is not believed; `undefined` if it is. Whatever is thrown beside BadImage is a bug. */
function refusal(store: ImageStore, path: string): string | undefined {
  try {
    memoryIn(store.openChain(path));
    return undefined;
  } catch (error) {
    if (error instanceof BadImage) return error.message;
    throw error;
  }
}

test.each<Encoding>(["raw", "lines", "compressed"])(
  "an image of %s pages is refused with any of its files cut off anywhere",
  (encoding) => {
    const { vfs, store } = twoImages(["process 1"], encoding);
    const believed: string[] = [];
    let cuts = 0;
    for (const [name, bytes] of filesIn(vfs, "image-2")) {
      // Of pages, whose length alone is looked at, at every 64th byte.
      const step = name.startsWith("pages-") ? 64 : 1;
      for (let length = 0; length < bytes.length; length += step) {
        overwrite(vfs, `image-2/${name}`, bytes.subarray(0, length));
        if (refusal(store, "image-2") === undefined) believed.push(`${name} of ${length} bytes`);
        cuts++;
      }
      overwrite(vfs, `image-2/${name}`, bytes);
    }
    expect(believed).toEqual([]);
    expect(cuts).toBeGreaterThan(1500);
    expect(refusal(store, "image-2")).toBeUndefined();
  },
);

test.each<Encoding>(["raw", "lines", "compressed"])(
  "an image of %s pages is refused with any bit of its files flipped",
  (encoding) => {
    const { vfs, store } = twoImages(["process 1"], encoding);
    const believed: string[] = [];
    let flips = 0;
    for (const [name, bytes] of filesIn(vfs, "image-2")) {
      // Of a whole page one bit a byte: a CRC misses no single bit, and the others try what is around pages.
      const isPage = name.startsWith("pages-");
      for (let at = 0; at < bytes.length; at++) {
        for (let bit = isPage ? at & 7 : 0; bit < 8; bit += isPage ? 8 : 1) {
          const flipped = bytes.slice();
          flipped[at] ^= 1 << bit;
          overwrite(vfs, `image-2/${name}`, flipped);
          if (refusal(store, "image-2") === undefined) believed.push(`${name}, byte ${at}, bit ${bit}`);
          flips++;
        }
      }
      overwrite(vfs, `image-2/${name}`, bytes);
    }
    expect(believed).toEqual([]);
    expect(flips).toBeGreaterThan(10_000);
    expect(refusal(store, "image-2")).toBeUndefined();
  },
);

test("a refusal names the file and says what was expected there, and what found", () => {
  const { vfs, store } = twoImages(["process 1"]);
  const pages = readFile(vfs, "image-1/pages-1.img");
  if (isFailure(pages)) throw new Error(pages.errno);
  pages[4096] ^= 1;
  overwrite(vfs, "image-1/pages-1.img", pages);
  expect(refusal(store, "image-1")).toMatch(
    /^image-1\/pages-1\.img: at byte 4096: expected page 1 of the image with the checksum [0-9a-f]+, found [0-9a-f]+$/,
  );
  const codecless = new ImageStore(vfs);
  expect(refusal(codecless, "image-3")).toBe("image-3: at byte 0: expected a file or directory, found ENOENT");
});
