// Sets of pending operations in which each comes with all that it depends on: what a crash can leave on disk.

import type { Operation } from "./operation.ts";

/** Some operations and all that they depend on, in the order of the calls. */
export function closure(pending: readonly Operation[], some: readonly Operation[]): readonly Operation[] {
  const wanted = new Set(some.map(({ id }) => id));
  for (const { id, after } of pending.toReversed())
    if (wanted.has(id) && after !== "never") for (const earlier of after) wanted.add(earlier);
  return pending.filter(({ id }) => wanted.has(id));
}

/** Of the operations that are wanted, those that can be on disk without one that is not. */
export function keepWhere(
  pending: readonly Operation[],
  wanted: (operation: Operation, index: number) => boolean,
): readonly Operation[] {
  const left = new Set(pending.map(({ id }) => id));
  return pending.filter((operation, index) => {
    const kept = canFollow(operation, left) && wanted(operation, index);
    if (kept) left.delete(operation.id);
    return kept;
  });
}

/** Every set, or `undefined` if there are more than `limit`. */
export function everyDownClosedSet(pending: readonly Operation[], limit: number): readonly (readonly Operation[])[] | undefined {
  const ids = new Set(pending.map(({ id }) => id));
  let sets: (readonly Operation[])[] = [[]];
  for (const operation of pending) {
    const longer = sets.filter((set) => isBacked(operation, set, ids)).map((set) => [...set, operation]);
    sets = sets.concat(longer);
    if (sets.length > limit) return undefined;
  }
  return sets;
}

/** About `count` sets of many: see `choicesAt`. Some may come twice. */
export function* someDownClosedSets(
  pending: readonly Operation[],
  count: number,
  random: () => number,
): Generator<readonly Operation[]> {
  const { length } = pending;
  const step = Math.max(1, Math.ceil((8 * length) / count));
  yield pending;
  yield keepWhere(pending, ({ change }) => change.kind === "names");
  yield keepWhere(pending, ({ change }) => change.kind !== "names");
  for (let end = 0; end < length; end += step) yield keepWhere(pending, (_, index) => index < end);
  for (let left = 0; left < length; left += step) yield keepWhere(pending, (_, index) => index !== left);
  for (let end = 2; end < length; end += step) {
    const left = Math.floor(random() * (end - 1));
    yield keepWhere(pending, (_, index) => index < end && index !== left);
  }
  for (let tried = 0; tried < count; tried++) {
    const density = [0.05, 0.5, 0.95][Math.floor(random() * 3)];
    yield keepWhere(pending, () => random() < density);
  }
}

/** The operations without some that will never be on disk: what depends on one of these depends on what that depended on. */
export function forsake(pending: readonly Operation[], gone: (operation: Operation) => boolean): Operation[] {
  const inherited = new Map<number, readonly number[]>();
  return pending.flatMap((operation) => {
    const { id, after: own } = operation;
    const after = own === "never" ? own : [...new Set(own.flatMap((earlier) => inherited.get(earlier) ?? earlier))];
    if (!gone(operation)) return { ...operation, after };
    inherited.set(id, after === "never" ? [] : after);
    return [];
  });
}

/** Operations of a set that no other of it depends on: what the disk may have been busy with. */
export function maximalOf(set: readonly Operation[]): readonly Operation[] {
  const needed = new Set(set.flatMap(({ after }) => (after === "never" ? [] : after)));
  return set.filter(({ id }) => !needed.has(id));
}

/** Whether an operation depends on none of those left out. */
function canFollow({ after }: Operation, left: ReadonlySet<number>): boolean {
  return after !== "never" && !after.some((id) => left.has(id));
}

function isBacked({ after }: Operation, set: readonly Operation[], ids: ReadonlySet<number>): boolean {
  return after !== "never" && after.every((id) => !ids.has(id) || set.some((operation) => operation.id === id));
}
