// The flags of `compare` that hold more than one value: intervals, granules, a bandwidth and a downtime, prices.

import { parseCount } from "../amount.ts";
import { parseDuration } from "../duration.ts";
import { quote } from "../printable.ts";
import { Refusal } from "../refusal.ts";

/** Counts between commas, each once, in the order given. */
export function parseCounts(flag: string, text: string): readonly number[] {
  const counts = text.split(",").map((each) => parseCount(flag, each.trim(), 1));
  if (new Set(counts).size < counts.length || counts.length > 12)
    throw new Refusal(`${flag}: expected 1 to 12 counts between commas, each once, found ${quote(text)}`);
  return counts;
}

/** Sizes between commas in bytes: powers of two from 4 KiB to 1 GiB, each once, ascending. */
export function parseGranules(flag: string, text: string): readonly number[] {
  const sizes = text.split(",").map((each) => {
    const match = /^(\d{1,10})([km]?)$/i.exec(each.trim());
    return match === null ? 0 : Number(match[1]) * { "": 1, k: 2 ** 10, m: 2 ** 20 }[match[2].toLowerCase() as "" | "k" | "m"];
  });
  const isWrong = (size: number): boolean => !(size >= 4096 && size <= 2 ** 30 && Number.isInteger(Math.log2(size)));
  if (sizes.some(isWrong) || new Set(sizes).size < sizes.length || sizes.length > 6)
    throw new Refusal(`${flag}: expected 1 to 6 powers of two from 4k to 1024M between commas, each once, found ${quote(text)}`);
  return sizes.toSorted((a, b) => a - b);
}

/** Bytes a second, and the seconds that the program may stand still. */
export interface PreCopyFlag {
  readonly bandwidth: number;
  readonly downtime: number;
}

const decimalUnits: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `1G,10ms`; a bandwidth may also be given in bits, as that of a network is: `10Gbit,10ms`. */
export function parsePreCopy(flag: string, text: string): PreCopyFlag {
  const [bandwidthText, downtimeText = "", ...more] = text.split(",");
  const match = /^(\d{1,9}(?:\.\d{1,9})?)([kmgt]?)(bit)?$/i.exec(bandwidthText.trim());
  const bandwidth =
    match === null ? 0 : Number(match[1]) * decimalUnits[match[2].toLowerCase()] * (match[3] === undefined ? 1 : 1 / 8);
  if (bandwidth <= 0 || more.length > 0)
    throw new Refusal(
      `${flag}: expected bytes (or bits) a second and a time, such as 1G,10ms or 10Gbit,10ms, found ${quote(text)}`,
    );
  return { bandwidth, downtime: parseDuration(flag, downtimeText.trim()) };
}

/** Seconds by the name of the price. Names are not looked at here. */
export function parseCosts(flag: string, text: string): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const each of text.split(",")) {
    const [name, time, ...more] = each.split("=").map((part) => part.trim());
    if (time === undefined || more.length > 0 || costs.has(name))
      throw new Refusal(
        `${flag}: expected NAME=TIME between commas, each once, such as copy=0.5us,write=2ns, found ${quote(text)}`,
      );
    costs.set(name, parseDuration(flag, time));
  }
  return costs;
}

/** 1 to 64. */
export function parseProcessors(flag: string, text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 64) throw new Refusal(`${flag}: expected 1 to 64, found ${quote(text)}`);
  return count;
}

/** A file whose name says how it is drawn. */
export function parseChartFile(flag: string, text: string): string {
  if (!/.\.(svg|html)$/i.test(text))
    throw new Refusal(`${flag}: expected a file that ends in .svg or .html, found ${quote(text)}`);
  return text;
}
