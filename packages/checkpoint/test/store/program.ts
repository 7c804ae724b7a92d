// A program of a few pages, whose images are made here by the plainest rule: what was written since the last image is DATA.

import { frameBytes } from "@pagelapse/mmu";
import { VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_READ, VM_SHARED, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { Codec } from "../../src/image/codec.ts";
import { pageMapsOf } from "../../src/image/page-maps.ts";
import type { PageKind, PageRun } from "../../src/image/page-run.ts";
import type { PageWriter } from "../../src/image/page-writer.ts";
import type { TreeImage } from "../../src/image/tree-image.ts";
import type { CommitResult } from "../../src/store/commit-result.ts";
import type { ImageChain } from "../../src/store/image-chain.ts";
import type { ImageStore } from "../../src/store/image-store.ts";

export type Encoding = PageWriter["encoding"];

/** Pages of so many bytes. */
export const pageBytes = frameBytes;

/** The maps of the program, in the order of an image: two processes, memory that both share, a file that the first writes to. */
export const mapNames = ["process 1", "process 2", "object 7", "file /data"] as const;
export type MapName = (typeof mapNames)[number];

/** Pages of every map: the private ones begin at 0x10000, the others at offset 0. */
const pagesOfMap = 4;
const privateStart = 0x10000;

/** The address of page `page` of a map, or its offset. */
function addressOf(map: MapName, page: number): number {
  return (map.startsWith("process") ? privateStart : 0) + page * pageBytes;
}

/** Memory, with the marks of what changed in it. */
export class Program {
  readonly #pages: ReadonlyMap<MapName, Map<number, Uint8Array>>;
  #dirty = new Set<Uint8Array>();
  /** What the last committed image has. */
  #saved: Saved | undefined;
  #checkCount = 0;

  /** `maps`: those that it has, in the order of `mapNames`; processes alone have no shared areas. */
  constructor(maps: readonly MapName[] = mapNames) {
    this.#pages = new Map(maps.map((name) => [name, new Map<number, Uint8Array>()]));
  }

  /** Fills a page with a letter (`0`: zeros), or one line of it. */
  write(map: MapName, page: number, letter: string, line?: number): void {
    const pages = this.#pages.get(map) ?? new Map<number, Uint8Array>();
    const address = addressOf(map, page);
    const bytes = pages.get(address) ?? new Uint8Array(pageBytes);
    const value = letter === "0" ? 0 : letter.charCodeAt(0);
    if (line === undefined) bytes.fill(value);
    else bytes.fill(value, line * 64, (line + 1) * 64);
    pages.set(address, bytes);
    this.#dirty.add(bytes);
  }

  /** A page is given up, as by `madvise`. */
  drop(map: MapName, page: number): void {
    this.#pages.get(map)?.delete(addressOf(map, page));
  }

  /** The image that the next increment builds on. */
  get parent(): number | undefined {
    return this.#saved?.sequence;
  }

  /** The next image is full. */
  forget(): void {
    this.#saved = undefined;
  }

  /** All there is in memory, in a line: what `memoryIn` makes of a chain. */
  get memory(): string {
    return [...this.#pages].map(([name, pages]) => `${name}: ${spellPages(pages)}`).join("; ");
  }

  /** Commits an image; a first one is full, whatever is asked. What was written is forgotten only when it is durable. */
  checkpoint(store: ImageStore, kind: "full" | "increment", encoding: Encoding = "raw"): CommitResult {
    const sequence = store.nextSequence();
    if (typeof sequence !== "number") return { kind: "failed", path: store.directory, reason: sequence.errno };
    const made = this.makeImage(sequence, kind, encoding);
    const result = store.commit(made.image, made.pages);
    if (result.kind === "committed") this.committed(made, result.digest);
    return result;
  }

  /** The image of this moment, and its pages. */
  makeImage(sequence: number, kind: "full" | "increment", encoding: Encoding): MadeImage {
    const parent = kind === "full" ? undefined : this.#saved;
    const data: PageOfImage[] = [];
    const now: Saved["pages"] = new Map();
    const runsOf = (name: MapName): readonly PageRun[] => {
      const before = parent?.pages.get(name);
      const pages = [...(this.#pages.get(name) ?? [])].toSorted(([left], [right]) => left - right);
      const kinds = pages.map(([address, bytes]): PageKind => {
        if (name.startsWith("process") && bytes.every((byte) => byte === 0)) return "ZERO";
        if (before?.get(address)?.kind === "DATA" && !this.#dirty.has(bytes)) return "PARENT";
        data.push({ bytes, before: before?.get(address)?.bytes });
        return "DATA";
      });
      now.set(
        name,
        new Map(
          pages.map(([address, bytes], i) => [address, { kind: kinds[i] === "ZERO" ? "ZERO" : "DATA", bytes: bytes.slice() }]),
        ),
      );
      return toRuns(
        pages.map(([address]) => address),
        kinds,
      );
    };
    const runs = new Map([...this.#pages.keys()].map((name) => [name, runsOf(name)]));
    const image = treeImage(sequence, parent, this.#checkCount + 1, runs);
    return { image, pages: writerOf(encoding, data), now };
  }

  committed({ image, now }: MadeImage, digest: string): void {
    this.#saved = { sequence: image.sequence, digest, pages: now };
    this.#dirty = new Set();
    this.#checkCount++;
  }
}

/** An image before it is committed. */
export interface MadeImage {
  readonly image: TreeImage;
  readonly pages: PageWriter;
  readonly now: Saved["pages"];
}

interface Saved {
  readonly sequence: number;
  readonly digest: string;
  readonly pages: Map<MapName, ReadonlyMap<number, { readonly kind: PageKind; readonly bytes: Uint8Array }>>;
}

/** A DATA page, and what the parent has there. */
interface PageOfImage {
  readonly bytes: Uint8Array;
  readonly before: Uint8Array | undefined;
}

/** All pages of a chain, in a line: `process 1: 0=a 1=0; ...`, pages of one letter by the letter. */
export function memoryIn(chain: ImageChain): string {
  const maps = pageMapsOf(chain.image).map(({ name }) => ({ name, pages: new Map<number, Uint8Array>() }));
  chain.visit({
    data: (map, address, bytes) => void maps[map].pages.set(address, bytes.slice()),
    zero: (map, address) => void maps[map].pages.set(address, new Uint8Array(pageBytes)),
  });
  return maps.map(({ name, pages }) => `${name}: ${spellPages(pages)}`).join("; ");
}

function spellPages(pages: ReadonlyMap<number, Uint8Array>): string {
  return [...pages]
    .toSorted(([left], [right]) => left - right)
    .map(([address, bytes]) => `${address.toString(16)}=${spell(bytes)}`)
    .join(" ");
}

/** The letters of a page's lines, each once where all are the same. */
function spell(bytes: Uint8Array): string {
  const [byte] = bytes;
  if (bytes.every((other) => other === byte)) return byte === 0 ? "0" : String.fromCharCode(byte);
  const lines = Array.from({ length: pageBytes / 64 }, (_, line) => {
    const part = bytes.subarray(line * 64, (line + 1) * 64);
    const [first] = part;
    if (part.every((byte) => byte === first)) return first === 0 ? "0" : String.fromCharCode(first);
    return `<${[...part].map((byte) => byte.toString(16)).join("")}>`;
  });
  return lines.join("");
}

function toRuns(addresses: readonly number[], kinds: readonly PageKind[]): readonly PageRun[] {
  const runs: PageRun[] = [];
  for (const [index, start] of addresses.entries()) {
    const last = runs.at(-1);
    const kind = kinds[index];
    if (last?.kind === kind && last.start + last.pageCount * pageBytes === start)
      runs[runs.length - 1] = { ...last, pageCount: last.pageCount + 1 };
    else runs.push({ start, pageCount: 1, kind });
  }
  return runs;
}

const mayDoAll = VM_READ + VM_WRITE + VM_MAYREAD + VM_MAYWRITE;
const shared = VM_SHARED + VM_MAYSHARE;
const common = { flags: mayDoAll, file: undefined, name: "", object: undefined, anonVma: undefined } as const;

const privateArea: Area = {
  ...common,
  start: privateStart,
  end: privateStart + pagesOfMap * pageBytes,
  offset: privateStart,
  anonVma: 1,
};
const objectArea: Area = { ...common, start: 0x20000, end: 0x24000, flags: mayDoAll + shared, offset: 0, object: 7 };
const fileArea: Area = {
  ...common,
  start: 0x30000,
  end: 0x34000,
  flags: mayDoAll + shared,
  offset: 0,
  file: "/data",
  name: "/data",
};

function treeImage(
  sequence: number,
  parent: Saved | undefined,
  checkCount: number,
  runsOf: ReadonlyMap<MapName, readonly PageRun[]>,
): TreeImage {
  const sharedAreas = (names: readonly MapName[]): readonly Area[] =>
    names.flatMap((name) => (runsOf.has(name) ? [name === "object 7" ? objectArea : fileArea] : []));
  const process = { checkCount, startBrk: 0x40000, brk: 0x40000 };
  const first = { ...process, pid: 1, parentPid: 0, areas: [privateArea, ...sharedAreas(["object 7", "file /data"])] };
  const second = { ...process, pid: 2, parentPid: 1, areas: [privateArea, ...sharedAreas(["object 7"])] };
  const withRuns = <Owner>(name: MapName, owner: Owner): readonly (Owner & { readonly runs: readonly PageRun[] })[] => {
    const runs = runsOf.get(name);
    return runs === undefined ? [] : [{ ...owner, runs }];
  };
  return {
    sequence,
    parent: parent && { sequence: parent.sequence, digest: parent.digest },
    strategy: "plain",
    architecture: "x86-64",
    moment: checkCount * 10,
    processes: [...withRuns("process 1", first), ...withRuns("process 2", second)],
    shared: [
      ...withRuns("object 7", { file: undefined, object: 7 }),
      ...withRuns("file /data", { file: "/data", object: undefined }),
    ],
  };
}

function writerOf(encoding: Encoding, data: readonly PageOfImage[]): PageWriter {
  const copies = data.map(({ bytes }) => bytes.slice());
  const read = (index: number, target: Uint8Array): void => target.set(copies[index]);
  switch (encoding) {
    case "raw":
      return { encoding, read };
    case "compressed":
      return { encoding, read, codec: runLengths };
    case "lines":
      return {
        encoding,
        read,
        lines(index, mask) {
          const before = data[index].before ?? new Uint8Array(pageBytes);
          for (let line = 0; line < pageBytes / 64; line++) {
            const from = line * 64;
            const isSame = copies[index].subarray(from, from + 64).every((byte, i) => byte === before[from + i]);
            if (!isSame) mask[line >> 3] |= 1 << (line & 7);
          }
        },
      };
  }
}

/** Runs of one byte, two bytes each: how long, and which. */
export const runLengths: Codec = {
  name: "run-lengths",
  compress(bytes) {
    const pairs: number[] = [];
    for (let at = 0; at < bytes.length;) {
      let end = at + 1;
      while (end < bytes.length && end - at < 255 && bytes[end] === bytes[at]) end++;
      pairs.push(end - at, bytes[at]);
      at = end;
    }
    return Uint8Array.from(pairs);
  },
  decompress(bytes, byteCount) {
    const target = new Uint8Array(byteCount);
    let at = 0;
    for (let pair = 0; pair + 1 < bytes.length; pair += 2) {
      if (at + bytes[pair] > byteCount) throw new RangeError("too many bytes");
      target.fill(bytes[pair + 1], at, (at += bytes[pair]));
    }
    if (at !== byteCount) throw new RangeError("too few bytes");
    return target;
  },
};
