// What a store no longer needs, removed: renamed away first, so that nothing half removed looks like an image.

import { vfsRename } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { imageName, pathIn, removedName } from "./names.ts";
import { syncDirectory } from "./new-file.ts";
import { removeDirectory } from "./remove-directory.ts";
import type { NotRemoved } from "./remove-directory.ts";
import type { StoreSurvey } from "./survey.ts";
import type { StoredImage } from "./stored-image.ts";

/** What was removed, and what could not be: it is a leftover, for the next time. */
export interface Collected {
  /** Paths, the images' first. */
  readonly removed: readonly string[];
  readonly failed: readonly NotRemoved[];
}

/** How many full images are kept, with the increments on them: one bit that flips must not take everything. */
const generationsKept = 2;

/**
 * Removes leftovers, and every image that the newest two generations do not need: children before parents, so that a crash in
 * between leaves no orphan. What makes an image superfluous is made durable before it goes. Images whose commit was
 * indeterminate are `doubted`: they make none superfluous.
 */
export function collect(vfs: Vfs, directory: string, found: StoreSurvey, doubted: ReadonlySet<number>): Collected {
  const removed: string[] = [];
  const failed: NotRemoved[] = [];
  const superfluous = superfluousIn(found, doubted);
  const leftovers = [...found.leftovers];
  if (superfluous.length > 0) {
    const notDurable = syncDirectory(vfs, directory);
    if (notDurable !== undefined) return { removed, failed: [{ path: directory, reason: notDurable.errno }] };
    for (const sequence of superfluous) {
      const path = pathIn(directory, imageName(sequence));
      const gone = pathIn(directory, removedName(sequence));
      const refused = vfsRename(vfs, path, gone);
      if (refused !== undefined) return { removed, failed: [{ path, reason: refused.errno }] };
      removed.push(path);
      leftovers.push(gone);
    }
    const notGone = syncDirectory(vfs, directory);
    if (notGone !== undefined) return { removed, failed: [{ path: directory, reason: notGone.errno }] };
  }
  for (const path of leftovers) {
    const left = removeDirectory(vfs, path);
    if (left === undefined) removed.push(path);
    else failed.push(left);
  }
  return { removed, failed };
}

/** The sequences of images that can go, the highest first. */
function superfluousIn({ images, rejected }: StoreSurvey, doubted: ReadonlySet<number>): readonly number[] {
  const newestCertain = (generation: readonly number[]): number => generation.findLast((sequence) => !doubted.has(sequence)) ?? 0;
  const certain = generationsOf(images)
    .filter((generation) => newestCertain(generation) > 0)
    .toSorted((left, right) => newestCertain(right) - newestCertain(left));
  if (certain.length <= generationsKept) return [];
  const kept = new Set(certain.slice(0, generationsKept).flat());
  const stale = new Set(certain.slice(generationsKept).flat());
  const oldest = [...kept].reduce((lowest, sequence) => Math.min(lowest, sequence));
  return [...images.map(({ image }) => image.sequence), ...rejected.map(({ sequence }) => sequence)]
    .filter((sequence) => stale.has(sequence) || (sequence < oldest && !kept.has(sequence)))
    .toSorted((left, right) => right - left);
}

/** The sequences of each full image and of all that builds on it. */
function generationsOf(images: readonly StoredImage[]): readonly (readonly number[])[] {
  const generationOf = new Map<number, number[]>();
  for (const { image } of images) {
    const generation = (image.parent && generationOf.get(image.parent.sequence)) ?? [];
    generation.push(image.sequence);
    generationOf.set(image.sequence, generation);
  }
  return [...new Set(generationOf.values())];
}
