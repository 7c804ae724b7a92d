// A page around the chart, with its figures in a table.

import { formatBytes, formatCount } from "../../quantity.ts";
import type { ComparisonResult } from "../result.ts";
import { strategyLines } from "./chart-lines.ts";
import { escapeMarkup } from "./markup.ts";

/** A whole HTML file. It needs no script and no other file. */
export function htmlPage(result: ComparisonResult, svg: string): string {
  const lines = strategyLines(result);
  const everies = [...new Set(lines.flatMap(({ points }) => points.map(({ every }) => every)))].toSorted((a, b) => a - b);
  const cells = (tag: "td" | "th", words: readonly string[]): string =>
    words.map((each) => `<${tag}>${escapeMarkup(each)}</${tag}>`).join("");
  const rows = lines.map(({ name, points }) => {
    const sizes = everies.map((every) => points.find((point) => point.every === every)?.bytes);
    const texts = sizes.map((bytes) => (bytes === undefined ? "-" : formatBytes(Math.round(bytes))));
    return `<tr><th scope="row">${escapeMarkup(name)}</th>${cells("td", texts)}</tr>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>pagelapse compare ${escapeMarkup(result.trace)}</title>
<style>
:root { color-scheme: light dark; --ink: #1c2127; --rule: #e3e7eb; --ground: #ffffff }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --rule: #2b323a; --ground: #14181d } }
body { margin: 2rem auto; max-width: 1000px; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground) }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--rule); text-align: right }
tr > :first-child { text-align: left }
</style>
${svg}
<table>
<caption>Bytes of a checkpoint after the first, by stores between two</caption>
<tr>${cells("th", ["strategy", ...everies.map(formatCount)])}</tr>
${rows.join("\n")}
</table>
</html>
`;
}
