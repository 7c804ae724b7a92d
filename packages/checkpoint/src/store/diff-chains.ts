// What is other in one image than in another: processes, areas, and pages with the bytes that changed.

import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { pageMapsOf } from "../image/page-maps.ts";
import type { PageMap } from "../image/page-maps.ts";
import type { ImageChain } from "./image-chain.ts";

/** One thing that is other. */
export type Difference = ProcessDifference | AreaDifference | PageDifference;

/** A process that only one of the images has. */
export interface ProcessDifference {
  readonly kind: "process";
  readonly pid: number;
  readonly side: "before" | "after";
}

/** An area that is there in one image, or other in the other: `undefined` where none begins at its address. */
export interface AreaDifference {
  readonly kind: "area";
  readonly pid: number;
  readonly before: Area | undefined;
  readonly after: Area | undefined;
}

/** A page. */
export interface PageDifference {
  readonly kind: "page";
  /** Whose: `process 12`, `object 3`, `file /lib/libc.so`. */
  readonly map: string;
  /** Its address, or its offset in shared memory. */
  readonly address: number;
  readonly before: PageState;
  readonly after: PageState;
  /** Bytes of the page that differ, half-open and by offset; none where one side's bytes are not in the image. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
  /** The bytes of the first range on either side, 16 at most; `undefined` where there is none. */
  readonly first: { readonly before: readonly number[]; readonly after: readonly number[] } | undefined;
}

/** What an image says of a page: its bytes, by themselves or as zeros; that it is as its file has it; that nothing is mapped there. */
export type PageState = "bytes" | "zeros" | "its file's" | "unmapped";

/** All that differs, process by process and map by map, by address. Throws `BadImage` where bytes are not what they were. */
export function* diffChains(before: ImageChain, after: ImageChain): Generator<Difference> {
  yield* diffProcesses(before, after);
  const sides = [sideOf(before), sideOf(after)] as const;
  for (const name of new Set([...sides[0].maps.keys(), ...sides[1].maps.keys()])) yield* diffMaps(name, sides);
}

function* diffProcesses(before: ImageChain, after: ImageChain): Generator<Difference> {
  const [left, right] = [before, after].map(({ image }) => new Map(image.processes.map(({ pid, areas }) => [pid, areas])));
  for (const pid of new Set([...left.keys(), ...right.keys()])) {
    const [was, is] = [left.get(pid), right.get(pid)];
    if (was === undefined || is === undefined) yield { kind: "process", pid, side: was === undefined ? "after" : "before" };
    else yield* diffAreas(pid, was, is);
  }
}

function* diffAreas(pid: number, before: readonly Area[], after: readonly Area[]): Generator<AreaDifference> {
  const [left, right] = [before, after].map((areas) => new Map(areas.map((area) => [area.start, area])));
  for (const start of [...new Set([...left.keys(), ...right.keys()])].toSorted((one, other) => one - other)) {
    const [was, is] = [left.get(start), right.get(start)];
    if (JSON.stringify(was) !== JSON.stringify(is)) yield { kind: "area", pid, before: was, after: is };
  }
}

/** An image, with its maps by name. */
interface Side {
  readonly chain: ImageChain;
  readonly maps: ReadonlyMap<string, PageMap & { readonly number: number }>;
}

function sideOf(chain: ImageChain): Side {
  return { chain, maps: new Map(pageMapsOf(chain.image).map((map, number) => [map.name, { ...map, number }])) };
}

function* diffMaps(name: string, [before, after]: readonly [Side, Side]): Generator<PageDifference> {
  const listed = [before, after].map((side) => listedIn(side, name));
  const addresses = [...new Set(listed.flatMap((pages) => [...pages.keys()]))].toSorted((left, right) => left - right);
  const bytes = [new Uint8Array(frameBytes), new Uint8Array(frameBytes)] as const;
  for (const address of addresses) {
    const [was, is] = [before, after].map((side, index): PageState => {
      const state = listed[index].get(address) ?? unlisted(side, name, address);
      bytes[index].fill(0);
      const map = side.maps.get(name);
      if (state === "bytes" && map !== undefined) side.chain.page(map.number, address, bytes[index]);
      return state;
    });
    const areKnown = [was, is].every((state) => state === "bytes" || state === "zeros");
    const ranges = areKnown ? rangesOf(...bytes) : [];
    if (ranges.length > 0 || (!areKnown && was !== is))
      yield { kind: "page", map: name, address, before: was, after: is, ranges, first: firstBytes(ranges, bytes) };
  }
}

/** The pages that a map lists. */
function listedIn({ maps }: Side, name: string): ReadonlyMap<number, PageState> {
  const pages = new Map<number, PageState>();
  for (const { start, pageCount, kind } of maps.get(name)?.runs ?? [])
    for (let i = 0; i < pageCount; i++) pages.set(start + i * frameBytes, kind === "ZERO" ? "zeros" : "bytes");
  return pages;
}

/** What is said of a page that is not listed. */
function unlisted({ chain }: Side, name: string, address: number): PageState {
  const process = chain.image.processes.find(({ pid }) => name === `process ${pid}`);
  if (process === undefined) return name.startsWith("object ") ? "zeros" : name.startsWith("file ") ? "its file's" : "unmapped";
  const area = areaAt(process.areas, address);
  if (area === undefined) return "unmapped";
  return area.file === undefined ? "zeros" : "its file's";
}

function firstBytes(ranges: PageDifference["ranges"], [left, right]: readonly [Uint8Array, Uint8Array]): PageDifference["first"] {
  if (ranges.length === 0) return undefined;
  const [[start, end]] = ranges;
  const [before, after] = [left, right].map((bytes) => [...bytes.subarray(start, Math.min(end, start + 16))]);
  return { before, after };
}

/** The ranges in which two pages differ. */
function rangesOf(left: Uint8Array, right: Uint8Array): PageDifference["ranges"] {
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < left.length; at++) {
    if (left[at] === right[at]) continue;
    const start = at;
    while (at < left.length && left[at] !== right[at]) at++;
    ranges.push([start, at]);
  }
  return ranges;
}
