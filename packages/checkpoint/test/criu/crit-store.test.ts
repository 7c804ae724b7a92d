// CRIU's own `crit` is asked about images that a store committed, a full one and an increment of it: it decodes each of CRIU's files
// there, and the pages it lists as present are as many as the files of pages hold.

import { frameBytes } from "@pagelapse/mmu";
import { expect, test } from "vitest";
import { filesIn, twoImages } from "../store/forge.ts";
import { mapNames } from "../store/program.ts";
import { CritDesk, whyNot } from "./crit.ts";

const reason = whyNot();

test.skipIf(reason !== undefined).for(["image-1", "image-2"])("crit decodes every file of %s that a store committed", (path) => {
  const files = new Map(filesIn(twoImages(mapNames).vfs, path));
  const images = [...files.keys()].filter((name) => name.endsWith(".img") && !name.startsWith("pages-"));
  const desk = new CritDesk();
  try {
    desk.put(files);
    const places = { present: 0, parent: 0 };
    for (const name of images) {
      const { magic, entries } = desk.decode(name);
      expect(Buffer.compare(desk.encode({ magic, entries }), files.get(name) ?? new Uint8Array(0)), name).toBe(0);
      if (magic !== "PAGEMAP") continue;
      const [{ pages_id: pagesId }, ...listed] = entries as readonly Readonly<Record<string, number>>[];
      const present = listed.filter(({ flags }) => flags === 4).reduce((sum, { nr_pages: count }) => sum + count, 0);
      places.present += present;
      places.parent += listed.filter(({ flags }) => flags === 1).length;
      expect(files.get(`pages-${pagesId}.img`)?.length, name).toBe(present * frameBytes);
    }
    expect(images).toEqual(
      expect.arrayContaining(["inventory.img", "pstree.img", "files.img", "mm-1.img", "pagemap-shmem-7.img"]),
    );
    expect(places.present).toBeGreaterThan(0);
    expect(places.parent > 0).toBe(path === "image-2");
    expect(desk.explore("mems")).toContain("shmem[1]");
  } finally {
    desk.clear();
  }
});
