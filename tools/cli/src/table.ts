// A plain table for people: columns as wide as their widest cell, numbers to the right.

/** A column: the lines of its heading, and on which side its cells stand. */
export interface Column {
  readonly heading: readonly string[];
  readonly align: "left" | "right";
}

/** Colours a cell that has got its width already; rows and columns count from 0, headings are not asked for. */
export type PaintCell = (text: string, row: number, column: number) => string;

/** Lines of the table: headings, standing on their last line, then the rows. No line has spaces at its end. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paintCell: PaintCell = (text) => text,
): readonly string[] {
  const height = Math.max(...columns.map((column) => column.heading.length));
  const headings = Array.from({ length: height }, (_, line) =>
    columns.map((column) => column.heading[line - (height - column.heading.length)] ?? ""),
  );
  const lines = [...headings, ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => cells[index].length)));
  return lines.map((cells, line) =>
    cells
      .map((cell, index) => (columns[index].align === "left" ? cell.padEnd(widths[index]) : cell.padStart(widths[index])))
      .map((cell, index) => (line < height ? cell : paintCell(cell, line - height, index)))
      .join("  ")
      .trimEnd(),
  );
}
