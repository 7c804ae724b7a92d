// Quantities as people read them.

/** 1234567 as 1,234,567. */
export function formatCount(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Bytes in the largest decimal unit that leaves a number of three digits or fewer: 5.1 MB. */
export function formatBytes(byteCount: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = byteCount;
  while (amount >= 999.95 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** A part of a whole: 21.3 %. A whole of nothing has no part: a dash. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}

/** 0.21 s, 12.3 s, 123 s: three digits. */
export function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0)} s`;
}

/** At most eight characters: 999,999, and from a million on 1.23 M. */
export function formatShortCount(count: number): string {
  if (count < 1e6) return formatCount(count);
  const [amount, unit] = count < 1e9 ? [count / 1e6, "M"] : [count / 1e9, "G"];
  return `${amount.toFixed(amount < 99.95 ? 2 : 0)} ${unit}`;
}

/** "1 page", "2 pages". */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** An address or an offset: 0x7ffc1000. */
export function formatAddress(address: number): string {
  return `0x${address.toString(16)}`;
}
