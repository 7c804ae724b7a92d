// What a page of the world must hold, said without frames.

import { frameBytes } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import { files } from "./mapped-files.ts";

/** What a page holds, as anybody would say it: bytes of its own, or those of an object that others see too. */
export interface ModelPage {
  own: Uint8Array | undefined;
  readonly object: string | undefined;
  readonly untouched: () => Uint8Array;
}

/** A page of an area that nobody has stored to. */
export function modelPage(area: Area, vaddr: number): ModelPage {
  const offset = area.offset + (vaddr - area.start);
  const key = area.file ?? (area.object === undefined ? undefined : `memory ${area.object}`);
  const untouched = (): Uint8Array => {
    const bytes = new Uint8Array(frameBytes);
    if (area.file !== undefined) files.read(area.file, offset, bytes);
    return bytes;
  };
  return { own: undefined, object: key === undefined ? undefined : `${key} at ${offset}`, untouched };
}
