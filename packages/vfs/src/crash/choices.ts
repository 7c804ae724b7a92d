// What can have reached the disk at a crash point: all of it if that is not too much, else a sample.

import { unwrittenBlocks } from "./crash-image.ts";
import type { Choice, Geometry } from "./crash-image.ts";
import { apply } from "./apply.ts";
import { pendingAt } from "./disk.ts";
import type { CrashPoint } from "./disk.ts";
import { everyDownClosedSet, maximalOf, someDownClosedSets } from "./down-closed.ts";
import type { Operation } from "./operation.ts";
import type { Profile } from "./profile.ts";
import { randomTear, tearsOf } from "./tear.ts";
import type { Tearing } from "./tear.ts";

/** Where to look, and how far. */
export interface Search extends Geometry {
  readonly point: CrashPoint;
  readonly profile: Profile;
  /** The most choices: if there are more, this many of them are tried. */
  readonly cap: number;
  readonly tearing: Tearing;
  /** Where chance comes from when there are too many. */
  readonly random: () => number;
}

/** Choices at a point, and whether they are all there are. Two of them may leave the same image. */
export interface Choices {
  readonly choices: readonly Choice[];
  readonly exhaustive: boolean;
}

/**
 * All choices at a crash point, if there are no more than the cap: every down-closed set of pending operations, with
 * zeros and (if the profile has it) garbage in what was not written, and each with every tear of each block that the disk
 * may have been busy with. If only the tears are too many, every set and a sample of tears. Else a sample of both, in
 * which the sets are: prefixes of the calls; all but one; a prefix but one (as ALICE has it, Pillai and others, OSDI
 * 2014); the names alone, the files' content alone; and random sets, sparse, even and dense.
 */
export function choicesAt(search: Search): Choices {
  const sets = everyDownClosedSet(pendingAt(search.point), search.cap) ?? [];
  const whole = sets.flatMap((kept) => wholeChoices(kept, search));
  const room = search.cap - whole.length;
  if (sets.length === 0 || room < 0) return { choices: sample(search), exhaustive: false };
  const torn = everyTear(sets, search, room);
  return torn === undefined
    ? { choices: [...whole, ...someTears(sets, search, room)], exhaustive: false }
    : { choices: [...whole, ...torn], exhaustive: true };
}

/** A set as it is, and with garbage if there is room for some. */
function wholeChoices(kept: readonly Operation[], search: Search): readonly Choice[] {
  const { point, profile } = search;
  const whole: Choice = { kept, torn: undefined, unwritten: "zeros" };
  const bare =
    profile.unwritten === "zeros-or-garbage" &&
    unwrittenBlocks(apply(point.durable, kept), point.durable, kept, search).length > 0;
  return bare ? [whole, { ...whole, unwritten: "garbage" }] : [whole];
}

/** Every tear of every set, or `undefined` if there are more than `limit`. */
function everyTear(sets: readonly (readonly Operation[])[], search: Search, limit: number): readonly Choice[] | undefined {
  const choices: Choice[] = [];
  for (const kept of sets) {
    for (const { id, change } of maximalOf(kept)) {
      if (change.kind !== "data") continue;
      for (const arrived of tearsOf(change, search.sectorBytes, search.tearing))
        for (const unwritten of fillsOf(search)) choices.push({ kept, torn: { id, arrived }, unwritten });
    }
    if (choices.length > limit) return undefined;
  }
  return choices;
}

/** So many tears, or tries at one, of random sets. */
function someTears(sets: readonly (readonly Operation[])[], search: Search, tries: number): readonly Choice[] {
  return Array.from({ length: tries }, () => pick(sets, search.random)).flatMap((kept) => tornChoice(kept, search) ?? []);
}

function tornChoice(kept: readonly Operation[], search: Search): Choice | undefined {
  const { sectorBytes, tearing, random } = search;
  const busy = maximalOf(kept).flatMap(({ id, change }) => (change.kind === "data" ? [{ id, change }] : []));
  if (tearing === "none" || busy.length === 0) return undefined;
  const { id, change } = pick(busy, random);
  const arrived = randomTear(change, sectorBytes, random);
  return arrived === undefined ? undefined : { kept, torn: { id, arrived }, unwritten: pick(fillsOf(search), random) };
}

function sample(search: Search): readonly Choice[] {
  const choices: Choice[] = [];
  for (const kept of someDownClosedSets(pendingAt(search.point), search.cap, search.random)) {
    choices.push(...wholeChoices(kept, search));
    const torn = tornChoice(kept, search);
    if (torn !== undefined) choices.push(torn);
    if (choices.length >= search.cap) break;
  }
  return choices.slice(0, search.cap);
}

function fillsOf({ profile }: Search): readonly Choice["unwritten"][] {
  return profile.unwritten === "zeros" ? ["zeros"] : ["zeros", "garbage"];
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)];
}
