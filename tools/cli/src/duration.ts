// Times as people write and read them: 20us, 1.5h, 0.62 ms.

import { quote } from "./printable.ts";
import { Refusal } from "./refusal.ts";

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };

/** Seconds from a number and a unit. Throws a `Refusal` for anything else, and for more than ten thousand years. */
export function parseDuration(flag: string, text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(ns|us|ms|s|min|h|d)$/.exec(text);
  const seconds = match === null ? Infinity : Number(match[1]) * units[match[2]];
  if (seconds > 3.2e11) throw new Refusal(`${flag}: expected a time such as 20us, 1.5s, 30min or 12h, found ${quote(text)}`);
  return seconds;
}

const steps: readonly (readonly [least: number, unit: number, name: string])[] = [
  [2 * 86_400, 86_400, "d"],
  [2 * 3600, 3600, "h"],
  [120, 60, "min"],
  [1, 1, "s"],
  [1e-3, 1e-3, "ms"],
  [1e-6, 1e-6, "us"],
];

/** Three digits and a unit: 0 s, 8 ns, 1.24 ms, 53.0 min. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) return "0 s";
  const size = Math.abs(seconds);
  const [, unit, name] = steps.find(([least]) => size >= least * 0.9995) ?? [0, 1e-9, "ns"];
  const amount = seconds / unit;
  const digits = Math.abs(amount) < 9.995 ? 2 : Math.abs(amount) < 99.95 ? 1 : 0;
  return `${name === "ns" ? Number(amount.toFixed(2)) : amount.toFixed(digits)} ${name}`;
}
