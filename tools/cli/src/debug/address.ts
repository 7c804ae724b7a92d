// Addresses as they are given by hand: numbers, names of areas, and sums of them.

import { areaAt, isAnonymous } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { parseExpression } from "./expression.ts";
import type { NameReader } from "./expression.ts";
import { printable, quote } from "../printable.ts";
import { formatAddress } from "../quantity.ts";
import { Refusal } from "../refusal.ts";

/** The address of an expression in which areas stand for where they start. Throws a `Refusal`. */
export function parseAddressText(text: string, areas: readonly Area[]): number {
  if (text.trim() === "") throw new Refusal("expected an address, found nothing");
  const value = parseExpression(text, areaReader(areas))(undefined);
  if (typeof value === "number" && value >= 0) return value;
  throw new Refusal(`expected an address of a program, below 2^53, found ${quote(text)}`);
}

/** The names by which areas can be called: whole, without brackets, and without the folders before. */
export function areaNames(areas: readonly Area[]): readonly string[] {
  const names = areas.filter(({ name }) => name !== "").map(({ name }) => name);
  return [...new Set(names.flatMap((name) => [name, shortName(name)]))];
}

/** An address as `[heap]+0x10`; of areas without a name nothing. */
export function symbolOf(vaddr: number, areas: readonly Area[]): string {
  const area = areaAt(areas, vaddr);
  if (area === undefined || area.name === "") return "";
  const offset = vaddr - startOf(area.name, areas);
  return `${printable(area.name)}${offset === 0 ? "" : `+${formatAddress(offset)}`}`;
}

function shortName(name: string): string {
  return name.startsWith("[") ? name.slice(1, -1) : name.slice(name.lastIndexOf("/") + 1);
}

function startOf(name: string, areas: readonly Area[]): number {
  return Math.min(...areas.filter((area) => area.name === name).map(({ start }) => start));
}

/** The longest name that a text begins with. */
function areaReader(areas: readonly Area[]): NameReader<undefined> {
  const known = areaNames(areas).toSorted((left, right) => right.length - left.length);
  return (text) => {
    const name = known.find((each) => text.startsWith(each) && !/^[\w.]/.test(text.slice(each.length)));
    if (name === undefined) return undefined;
    const address = addressOf(name, areas);
    return { length: name.length, term: () => address };
  };
}

/** Where the only thing of that name starts: areas side by side are one, and of a file that is mapped once all are. */
function addressOf(name: string, areas: readonly Area[]): number {
  const named = areas.filter((area) => area.name === name || shortName(area.name) === name);
  const begun = named.filter(({ start }) => !named.some(({ end }) => end === start));
  const fromStart = begun.filter((area) => isAnonymous(area) || area.offset === 0);
  const starts = fromStart.length === 0 ? begun.slice(0, 1) : fromStart;
  const isOne = starts.length === 1 && new Set(named.map((area) => area.name)).size === 1;
  if (isOne) return Math.min(...named.map(({ start }) => start));
  const places = begun.map(({ start }) => formatAddress(start)).join(", ");
  throw new Refusal(`${quote(name)} is the name of areas at ${places}: give an address`);
}
