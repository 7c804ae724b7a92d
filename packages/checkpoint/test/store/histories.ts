// Random histories of a program and its store, judged by a list of what was committed.

import { MemoryFileSystem, createVfs, isFailure } from "@pagelapse/vfs";
import fc from "fast-check";
import { crc32c } from "../../src/image/crc32c.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { mergeChain } from "../../src/store/merge-chain.ts";
import { processPages } from "../../src/store/process-pages.ts";
import { Program, mapNames, memoryIn, pageBytes, runLengths } from "./program.ts";
import type { Encoding, MapName } from "./program.ts";

/** A step; numbers pick among what there is. */
type Step =
  | {
      readonly do: "write";
      readonly map: MapName;
      readonly page: number;
      readonly letter: string;
      readonly line: number | undefined;
    }
  | { readonly do: "drop"; readonly map: MapName; readonly page: number }
  | { readonly do: "checkpoint"; readonly kind: "full" | "increment"; readonly encoding: Encoding }
  | { readonly do: "merge"; readonly image: number }
  | { readonly do: "collect" | "reopen" };

const map = fc.constantFrom(...mapNames);
const page = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write"),
      map,
      page,
      letter: fc.constantFrom("0", "a", "b", "c"),
      line: fc.option(fc.constantFrom(0, 1, 8, 63), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop"), map, page }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("checkpoint"),
      kind: fc.constantFrom("full", "increment", "increment", "increment"),
      encoding: fc.constantFrom<Encoding>("raw", "lines", "compressed"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("merge"), image: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("collect", "reopen") }) },
);

/** An image that must be there. */
interface Known {
  readonly sequence: number;
  readonly memory: string;
  /** The full image at the bottom of its chain. */
  readonly root: number;
}

/** How often the interesting happened. */
export interface Seen {
  longChains: number;
  merges: number;
  removed: number;
  images: number;
}

/** Throws what fast-check says where a history ends otherwise than its model. */
export function checkHistories(options: {
  readonly numRuns: number;
  readonly seed?: number;
  readonly endOnFailure?: boolean;
}): Seen {
  const seen: Seen = { longChains: 0, merges: 0, removed: 0, images: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 40, size: "max" }), (steps) => run(steps, seen)),
    options,
  );
  return seen;
}

function run(steps: readonly Step[], seen: Seen): void {
  const vfs = createVfs({ fileSystem: new MemoryFileSystem() });
  let store = new ImageStore(vfs, { codecs: [runLengths] });
  const program = new Program();
  let known: readonly Known[] = [];
  let last = 0;
  for (const each of steps) {
    switch (each.do) {
      case "write":
        program.write(each.map, each.page, each.letter, each.line);
        break;
      case "drop":
        program.drop(each.map, each.page);
        break;
      case "checkpoint": {
        const result = program.checkpoint(store, each.kind, each.encoding);
        if (result.kind !== "committed") throw new Error(`${each.kind}: ${result.reason}`);
        const sequence = Number(result.path.replace("image-", ""));
        if (sequence <= last) throw new Error(`the number ${sequence} after ${last}`);
        last = sequence;
        const { parent } = store.open(result.path).image;
        const root = known.find((image) => image.sequence === parent?.sequence)?.root ?? sequence;
        known = [...known, { sequence, memory: program.memory, root }];
        break;
      }
      case "merge":
        known = merge(store, known, each.image, seen);
        last = known.at(-1)?.sequence ?? last;
        break;
      case "collect": {
        const kept = generationsOf(known).slice(0, 2).flat();
        const { removed, failed } = store.collect();
        if (failed.length > 0) throw new Error(`not removed: ${failed[0].path}`);
        seen.removed += removed.length;
        // An increment on an image that is gone cannot be made: the program begins anew.
        known = known.filter((image) => kept.includes(image));
        if (!known.some(({ sequence }) => sequence === program.parent)) program.forget();
        break;
      }
      case "reopen":
        store = new ImageStore(vfs, { codecs: [runLengths] });
        break;
    }
  }
  judge(store, known, seen);
}

/** Merges one of the images; the full one that comes of it is the newest. */
function merge(store: ImageStore, known: readonly Known[], pick: number, seen: Seen): readonly Known[] {
  const sequence = store.nextSequence();
  if (known.length === 0 || isFailure(sequence)) return known;
  const merged = known[pick % known.length];
  const { image, pages } = mergeChain(store.openChain(`image-${merged.sequence}`), sequence);
  const result = store.commit(image, pages);
  if (result.kind !== "committed") throw new Error(`merge: ${result.reason}`);
  seen.merges++;
  return [...known, { sequence, memory: merged.memory, root: sequence }];
}

/** The images of each full one, those with the newest first. */
function generationsOf(known: readonly Known[]): readonly (readonly Known[])[] {
  const generations = new Map<number, Known[]>();
  for (const image of known) generations.set(image.root, [...(generations.get(image.root) ?? []), image]);
  const newest = (images: readonly Known[]): number => Math.max(...images.map(({ sequence }) => sequence));
  return [...generations.values()].toSorted((left, right) => newest(right) - newest(left));
}

function judge(store: ImageStore, known: readonly Known[], seen: Seen): void {
  const found = store.survey("pages");
  if (isFailure(found)) throw new Error(found.errno);
  const { images, rejected, leftovers, newest } = found;
  if (rejected.length > 0) throw rejected[0].reason;
  if (leftovers.length > 0) throw new Error(`left over: ${leftovers[0]}`);
  const expected = known.map(({ sequence }) => sequence).join();
  const standing = images.map(({ image }) => image.sequence).join();
  if (standing !== expected) throw new Error(`images ${standing}, expected ${expected}`);
  if (newest?.image.sequence !== known.at(-1)?.sequence) throw new Error("another image is the newest");
  seen.images += known.length;
  for (const { sequence, memory } of known) {
    const chain = store.openChain(`image-${sequence}`);
    if (chain.images.length > 2) seen.longChains++;
    const back = memoryIn(chain);
    if (back !== memory) throw new Error(`image-${sequence}: ${back}, expected ${memory}`);
    judgeShared(chain.image, memory);
    judgePages(chain, memory);
  }
}

/** Each page by its address is the one that a visit shows. */
function judgePages(chain: ReturnType<ImageStore["openChain"]>, memory: string): void {
  const bytes = new Uint8Array(pageBytes);
  const visited: string[] = [];
  const asked: string[] = [];
  const keep = (mapNumber: number, address: number, shown: Uint8Array): void => {
    visited.push(`${mapNumber}:${address}:${crc32c(shown)}`);
  };
  chain.visit({ data: keep, zero: (mapNumber, address) => keep(mapNumber, address, new Uint8Array(pageBytes)) });
  for (const key of visited.toReversed()) {
    const [mapNumber, address] = key.split(":").map(Number);
    chain.page(mapNumber, address, bytes);
    asked.unshift(`${mapNumber}:${address}:${crc32c(bytes)}`);
  }
  if (asked.join(";") !== visited.join(";")) throw new Error(`pages asked for differ from those visited: ${memory}`);
}

/** What the first process sees of shared memory is all that there is of it. */
function judgeShared(image: ReturnType<ImageStore["openChain"]>["image"], memory: string): void {
  const count = (runs: readonly { readonly pageCount: number }[]): number => runs.reduce((sum, run) => sum + run.pageCount, 0);
  const expected = count([...image.processes[0].runs, ...image.shared.flatMap(({ runs }) => runs)]);
  const seen = count(processPages(image, 0));
  if (seen !== expected) throw new Error(`the first process sees ${seen} pages, expected ${expected}: ${memory}`);
}
