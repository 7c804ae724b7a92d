// A result as a table for people, 80 columns wide at most.

import type { DuckDBValue } from "@duckdb/node-api";
import { formatCount, formatNumberOf } from "../quantity.ts";
import { print } from "../standard-output.ts";
import { formatTable } from "../table.ts";
import { cellText } from "./cell-text.ts";

/** Columns of text that a line may take. */
const lineWidth = 80;
/** Rows that are laid out at once, and that a table has. */
const rowLimit = 1000;
/** A column is not made narrower than this. */
const leastWidth = 8;

/** Prints the first rows, and how many there are. `types`: what DuckDB calls the columns' types. */
export async function printTable(
  names: readonly string[],
  types: readonly string[],
  rows: AsyncIterable<readonly (readonly DuckDBValue[])[]>,
): Promise<void> {
  const shown: string[][] = [];
  let count = 0;
  for await (const some of rows) {
    count += some.length;
    for (const row of some) if (shown.length < rowLimit) shown.push(row.map(cellText));
  }
  const widths = widthsOf([names, ...shown]);
  const lines = widths === undefined ? recordLines(names, shown) : tableLines(names, types, shown, widths);
  const note = count > shown.length ? `; the first ${formatCount(shown.length)} are shown, --csv and --json print all` : "";
  await print([...lines, `${formatNumberOf(count, "row")}${note}`, ""].join("\n"));
}

function tableLines(
  names: readonly string[],
  types: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): readonly string[] {
  const cutCell = (text: string, column: number): string => cut(text, widths[column]);
  const columns = names.map((name, column) => ({
    heading: [cutCell(name, column)],
    align: isNumber(types[column]) ? ("right" as const) : ("left" as const),
  }));
  return formatTable(
    columns,
    rows.map((row) => row.map(cutCell)),
  );
}

/** A line a column, and an empty one behind each row. */
function recordLines(names: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const width = Math.max(...names.map((name) => name.length));
  return rows.flatMap((row) => [
    ...row.map((text, column) => cut(`${names[column].padEnd(width)}  ${text}`, lineWidth).trimEnd()),
    "",
  ]);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}

/** As wide as their widest cells; where that is too much the widest gives way. `undefined`: they would be too narrow. */
function widthsOf(lines: readonly (readonly string[])[]): readonly number[] | undefined {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const room = lineWidth - 2 * (widths.length - 1);
  for (let sum = widths.reduce((total, width) => total + width, 0); sum > room; sum--) {
    const most = Math.max(...widths);
    if (most <= leastWidth) return undefined;
    widths[widths.indexOf(most)] -= 1;
  }
  return widths;
}

function isNumber(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(type);
}
