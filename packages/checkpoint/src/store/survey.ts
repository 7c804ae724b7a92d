// All that stands in a store: which images are believed, and why others are not.

import { isFailure, readdir } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";
import type { Codec } from "../image/codec.ts";
import { manifestName } from "../image/manifest.ts";
import { ImageChain, chainLimit, checkLink } from "./image-chain.ts";
import { imageName, parseName, pathIn } from "./names.ts";
import { openImage } from "./open-image.ts";
import type { StoredImage } from "./stored-image.ts";

/** What stands in a store. */
export interface StoreSurvey {
  /** The newest image that is believed; what to bring back. */
  readonly newest: StoredImage | undefined;
  /** Images that are whole, with all those they build on, by rising sequence. */
  readonly images: readonly StoredImage[];
  /** Images that are not believed, by rising sequence. One above `newest` says that something was lost. */
  readonly rejected: readonly RejectedImage[];
  /** Directories of images that were never committed, or are half removed: nothing is read from there. */
  readonly leftovers: readonly string[];
  /** Names that no store gives. */
  readonly strangers: readonly string[];
}

/** An image that is not believed. */
export interface RejectedImage {
  readonly path: string;
  readonly sequence: number;
  /** `damaged`: itself; `orphaned`: whole, but what it builds on is not, or is another. */
  readonly kind: "damaged" | "orphaned";
  readonly reason: BadImage;
}

/** How much is read: everything but pages, which are judged when they are read; or pages, too. */
export type SurveyDepth = "maps" | "pages";

/** What is told while pages are read: the image that comes next, and how many there are. */
export type SurveyProgress = (path: string, done: number, count: number) => void;

/** Looks at everything in a directory, each image once; changes nothing. A failure is of the directory itself. */
export function survey(
  vfs: Vfs,
  directory: string,
  codecs: readonly Codec[],
  depth: SurveyDepth,
  progress?: SurveyProgress,
): StoreSurvey | Failure {
  const entries = readdir(vfs, directory);
  if (isFailure(entries)) return entries;
  const leftovers: string[] = [];
  const strangers: string[] = [];
  const sequences: number[] = [];
  for (const { name } of entries) {
    const parsed = parseName(name);
    if (parsed === undefined) strangers.push(pathIn(directory, name));
    else if (parsed.kind === "image") sequences.push(parsed.sequence);
    else leftovers.push(pathIn(directory, name));
  }
  sequences.sort((left, right) => left - right);
  const chains = new Map<number, readonly StoredImage[]>();
  const rejected: RejectedImage[] = [];
  for (const [done, sequence] of sequences.entries()) {
    const path = pathIn(directory, imageName(sequence));
    progress?.(path, done, sequences.length);
    const judged = judge(vfs, path, codecs, depth, chains);
    if ("chain" in judged) chains.set(sequence, judged.chain);
    else rejected.push({ path, sequence, ...judged });
  }
  const images = [...chains.values()].map(([stored]) => stored);
  return { newest: images.at(-1), images, rejected, leftovers, strangers };
}

type Judged = { readonly chain: readonly StoredImage[] } | Pick<RejectedImage, "kind" | "reason">;

/** Judges an image after all with lower sequences: what they built is in `chains`. */
function judge(
  vfs: Vfs,
  path: string,
  codecs: readonly Codec[],
  depth: SurveyDepth,
  chains: ReadonlyMap<number, readonly StoredImage[]>,
): Judged {
  try {
    const stored = openImage(vfs, path, codecs);
    const chain = linked(stored, chains);
    if (!("chain" in chain)) return chain;
    if (depth === "pages") new ImageChain(chain.chain).verify();
    return chain;
  } catch (error) {
    if (error instanceof BadImage) return { kind: "damaged", reason: error };
    throw error;
  }
}

/** Puts an image on top of the chain that it names. */
function linked(stored: StoredImage, chains: ReadonlyMap<number, readonly StoredImage[]>): Judged {
  const { parent } = stored.image;
  if (parent === undefined) return { chain: [stored] };
  const below = chains.get(parent.sequence);
  const orphaned = (expected: string, found: string): Judged => {
    return { kind: "orphaned", reason: new BadImage(pathIn(stored.path, manifestName), 0, expected, found) };
  };
  if (below === undefined) return orphaned(`${imageName(parent.sequence)} below it, whole`, "none that is believed");
  if (below.length >= chainLimit) return orphaned(`at most ${chainLimit} images in a chain`, `${below.length + 1}`);
  try {
    checkLink(stored, below[0]);
  } catch (error) {
    if (error instanceof BadImage) return { kind: "orphaned", reason: error };
    throw error;
  }
  return { chain: [stored, ...below] };
}
