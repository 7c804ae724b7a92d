// pagemap-*.img: which pages of a process, or of shared memory, stand in which file of pages.

import { frameBytes } from "@pagelapse/mmu";
import { BadImage } from "../bad-image.ts";
import { encodeMessage, message, optional, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeRecords, encodeRecords } from "./record-file.ts";
import { bool, uint32, uint64 } from "./scalars.ts";

/** A map of pages, and the file that they stand in, one after another: `pages-ID.img`. */
export interface Pagemap {
  readonly pagesId: number;
  /** By address, none over another. */
  readonly entries: readonly PagemapEntry[];
}

/** Neighbouring pages. */
export interface PagemapEntry {
  /** Address of the first, or offset in shared memory: a multiple of 4096. */
  readonly start: number;
  readonly pageCount: number;
  /** `PE_PRESENT`: in the file of pages. `PE_PARENT`: in the parent image. */
  readonly place: "present" | "parent";
}

/** `pagemap_entry` as it stands in the file. */
export interface RawPagemapEntry {
  readonly vaddr: number;
  /** How many pages, before September 2025; 0 since. */
  readonly compatNrPages: number;
  /** What said PE_PARENT before there were flags. */
  readonly inParent: boolean | undefined;
  readonly flags: number | undefined;
  /** How many pages, since. */
  readonly nrPages: number | undefined;
}

interface PagemapHead {
  readonly pagesId: number;
}

const pagemapHead: MessageType<PagemapHead> = message("pagemap_head", { pagesId: required(1, uint32) });

/** Its fields' numbers and types. */
export const pagemapEntry: MessageType<RawPagemapEntry> = message("pagemap_entry", {
  vaddr: required(1, uint64),
  compatNrPages: required(2, uint32),
  inParent: optional(3, bool),
  flags: optional(4, uint32),
  nrPages: optional(5, uint64),
});

/** No map has more pages: a count of 32 bits can tell of all of them. */
const pageLimit = 2 ** 32 - 1;

const pageParent = 1;
/** The page can be fetched later; where it is present, it is here all the same. */
const pageLazy = 2;
const pagePresent = 4;

/** The file. Counts stand in field 2, where every version of CRIU finds them; the one of field 5 is unknown to most. */
export function encodePagemap({ pagesId, entries }: Pagemap): Uint8Array {
  return encodeRecords("pagemap", [
    encodeMessage(pagemapHead, { pagesId }),
    ...entries.map(({ start, pageCount, place }) =>
      encodeMessage(pagemapEntry, {
        vaddr: start,
        compatNrPages: pageCount,
        inParent: undefined,
        flags: place === "parent" ? pageParent : pagePresent,
        nrPages: undefined,
      }),
    ),
  ]);
}

/** Reads the file, whichever version of CRIU wrote it. Throws `BadImage`. */
export function decodePagemap(file: string, bytes: Uint8Array): Pagemap {
  const [head, ...records] = decodeRecords("pagemap", file, bytes);
  if (head === undefined) throw new BadImage(file, bytes.length, "a pagemap_head", "the end of the file");
  const { pagesId } = head.message(pagemapHead);
  let floor = 0;
  let room = pageLimit;
  const entries = records.map((record) => {
    const raw = record.message(pagemapEntry);
    const refuse = (expected: string, found: string): never => record.refuse(0, expected, found);
    const pageCount = raw.nrPages ?? raw.compatNrPages;
    if ((raw.vaddr & (frameBytes - 1)) !== 0) refuse(`a page at a multiple of ${frameBytes}`, `${raw.vaddr}`);
    if (raw.vaddr < floor) refuse(`a page not below ${floor}`, `${raw.vaddr}`);
    if (pageCount === 0 || pageCount > room) refuse(`1 to ${room} pages`, `${pageCount}`);
    const end = raw.vaddr + pageCount * frameBytes;
    if (end > 2 ** 64) refuse("pages below 2^64", `${pageCount} at ${raw.vaddr}`);
    const place = placeOf(raw);
    floor = end;
    room -= pageCount;
    return { start: raw.vaddr, pageCount, place: place ?? refuse("pages in this image or in its parent", `flags ${raw.flags}`) };
  });
  return { pagesId, entries };
}

/** Where pages are: the rule of CRIU's `init_compat_pagemap_entry`. `undefined`: nowhere, or with flags that nobody knows. */
function placeOf({ flags, inParent }: RawPagemapEntry): PagemapEntry["place"] | undefined {
  const known = inParent === true ? (flags ?? 0) + ((flags ?? 0) % 2 === 0 ? pageParent : 0) : (flags ?? pagePresent);
  switch (known) {
    case pageParent:
    case pageParent + pageLazy:
      return "parent";
    case pagePresent:
    case pagePresent + pageLazy:
      return "present";
    default:
      return undefined;
  }
}
