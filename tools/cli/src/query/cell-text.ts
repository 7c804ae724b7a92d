// The values of a result as text: for tables, for CSV and for JSON.

import type { DuckDBValue } from "@duckdb/node-api";
import { hexDigits } from "../hex-digits.ts";
import { printable } from "../printable.ts";

/** A value in a line; bytes as hexadecimal digits, null as nothing. */
export function cellText(value: DuckDBValue): string {
  if (value === null) return "";
  const bytes = bytesIn(value);
  return bytes === undefined ? printable(String(value)) : hexDigits(bytes);
}

/** A value as JSON has it: whole numbers that a double does not hold are text, and so is what JSON has no word for. */
export function cellJson(value: DuckDBValue): string | number | boolean | null {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : `${value}`;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  const bytes = bytesIn(value);
  return bytes === undefined ? String(value) : hexDigits(bytes);
}

/**
 * A field of CSV (RFC 4180). Text that begins as formulas do gets an apostrophe before it, so that no spreadsheet runs what a
 * program under observation wrote (OWASP, CSV injection).
 */
export function cellCsv(value: DuckDBValue): string {
  const text = cellText(value);
  const isFormula = typeof value === "string" && /^[=+\-@\t\r]/.test(value);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || isFormula ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function bytesIn(value: DuckDBValue): Uint8Array | undefined {
  if (typeof value !== "object" || value === null || !("bytes" in value)) return undefined;
  return value.bytes instanceof Uint8Array ? value.bytes : undefined;
}
