// A logarithmic axis.

/** Where amounts above 0 stand on an axis, and where its marks are. */
export interface LogScale {
  place(amount: number): number;
  /** Amounts to mark, ascending. */
  readonly ticks: readonly number[];
}

/** An axis from `start` to `end` (coordinates) for all of these amounts, some room on both sides; marks are 1, 2 and 5 times powers of ten. */
export function logScale(amounts: readonly number[], start: number, end: number): LogScale {
  const low = Math.log10(Math.min(...amounts));
  const high = Math.log10(Math.max(...amounts));
  // Where all amounts are nearly one, the axis still spans a factor of four.
  const spare = Math.max(0.06 * (high - low), (Math.log10(4) - (high - low)) / 2, 0.04);
  const from = low - spare;
  const span = high + spare - from;
  const decades = Array.from({ length: Math.ceil(span) + 2 }, (_, index) => Math.floor(from) + index);
  const steps = span > 3 ? [1] : [1, 2, 5];
  const ticks = decades
    .flatMap((decade) => steps.map((step) => step * 10 ** decade))
    .filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= from + span);
  return { ticks, place: (amount) => start + ((Math.log10(amount) - from) / span) * (end - start) };
}
