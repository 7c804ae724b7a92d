// Size against interval as an SVG: a line a strategy, and the pages dirtied behind them. No scripts, no other files.

import { formatDuration } from "../../duration.ts";
import { formatBytes, formatCount, formatNumberOf, formatShortCount } from "../../quantity.ts";
import type { ComparisonResult } from "../result.ts";
import { coincidences, dirtiedPoints, strategyLines } from "./chart-lines.ts";
import type { ChartLine, ChartPoint } from "./chart-lines.ts";
import { logScale } from "./log-scale.ts";
import type { LogScale } from "./log-scale.ts";
import { at, escapeMarkup } from "./markup.ts";
import { spreadLabels } from "./spread-labels.ts";

const width = 1080;
const left = 84;
const right = 720;
const top = 84;
const labelGap = 18;

/** Lengths of the stripes of lines that lie on each other. */
const stripe = 9;

/*
 *     title                                             top
 *     bytes |  lines                 | leaders   names
 *           |________________________|
 *              stores between two checkpoints
 *     key                                               height
 */

/** The chart as one `svg` element. Colours follow the reader's light or dark. */
export function drawChart(result: ComparisonResult): string {
  const lines = strategyLines(result);
  const bottom = top + Math.max(380, (lines.length + 1) * labelGap);
  const height = bottom + 120;
  const body = lines.length === 0 ? drawNothing(bottom) : drawPlot(result, lines, bottom);
  const name = result.trace === "-" ? "standard input" : (result.trace.split("/").at(-1) ?? "");
  const description = `A logarithmic chart. ${lines.map(({ name: strategy, points }) => `${strategy}: ${points.map(pointText).join(", ")}.`).join(" ")}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="sizes" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">
<title>Size of an increment against the interval: ${escapeMarkup(name)}</title>
<desc>${escapeMarkup(description)}</desc>
<style>${style}</style>
<rect class="ground" width="${width}" height="${height}"/>
<text class="title" x="${left}" y="36">Size of an increment against the interval</text>
<text class="dim" x="${left}" y="58">${escapeMarkup(name)}: ${formatNumberOf(result.stores, "store")}; a point is the mean of all checkpoints after the first</text>
${body}
</svg>`;
}

const style = `
svg.sizes { --ink: #1c2127; --dim: #626c77; --rule: #e3e7eb; --ground: #ffffff; --bad: #b3261e; --tone: 72% 40%; --band: #8b98a5; max-width: 100%; height: auto }
@media (prefers-color-scheme: dark) { svg.sizes { --ink: #e8ebee; --dim: #9aa5b1; --rule: #2b323a; --ground: #14181d; --bad: #ff8a80; --tone: 75% 68%; --band: #77828d } }
svg.sizes .ground { fill: var(--ground) }
svg.sizes text { fill: var(--ink); font-size: 13px }
svg.sizes .title { font-size: 19px; font-weight: 600 }
svg.sizes .dim { fill: var(--dim) }
svg.sizes .bad { fill: var(--bad); font-size: 12px }
svg.sizes .rule { stroke: var(--rule) }
svg.sizes .axis { stroke: var(--dim) }
svg.sizes .band { fill: none; stroke: var(--band); stroke-opacity: 0.32; stroke-width: 11; stroke-linejoin: round; stroke-linecap: round }
svg.sizes .strategy { --colour: hsl(var(--hue) var(--tone)) }
svg.sizes .strategy polyline { fill: none; stroke: var(--colour); stroke-width: 2.5; stroke-linejoin: round }
svg.sizes .strategy .leader { fill: none; stroke: var(--colour); stroke-width: 1; stroke-opacity: 0.45 }
svg.sizes .strategy .mark { fill: var(--colour); stroke: var(--ground); stroke-width: 1.5 }
svg.sizes .strategy .cross { stroke: var(--colour); stroke-width: 2.5; fill: none }
svg.sizes .strategy .name { fill: var(--colour); font-weight: 600 }
`;

function drawNothing(bottom: number): string {
  return `<text class="dim" x="${left}" y="${at((top + bottom) / 2)}">No interval has two checkpoints: nothing to draw.</text>`;
}

function drawPlot(result: ComparisonResult, lines: readonly ChartLine[], bottom: number): string {
  const everies = [...new Set(lines.flatMap(({ points }) => points.map(({ every }) => every)))].toSorted((a, b) => a - b);
  const dirtied = dirtiedPoints(result, everies[0], everies[everies.length - 1]);
  const x = logScale(everies, left, right);
  const y = logScale(
    [...lines.flatMap(({ points }) => points), ...dirtied].map(({ bytes }) => bytes),
    bottom,
    top,
  );
  const plot = { x, y };
  const order = lines.map(({ points }) => y.place(points[points.length - 1].bytes));
  const places = spreadLabels(order, labelGap, top + 4, bottom - 4);
  const shared = coincidences(lines);
  return [
    ...y.ticks.map((bytes) => drawRow(bytes, y.place(bytes))),
    ...drawColumns(everies, x, bottom, result.costs.store),
    `<line class="axis" x1="${left}" y1="${at(bottom)}" x2="${right}" y2="${at(bottom)}"/>`,
    `<text class="dim" x="${at((left + right) / 2)}" y="${at(bottom + 58)}" text-anchor="middle">stores between two checkpoints, and the program's time</text>`,
    `<text class="dim" transform="translate(22 ${at((top + bottom) / 2)}) rotate(-90)" text-anchor="middle">bytes a checkpoint</text>`,
    ...drawBand(dirtied, plot),
    ...lines.map((line, index) =>
      drawLine(line, plot, { hue: hueOf(index, lines.length), place: places[index], ...shared[index] }),
    ),
    drawKey(lines, dirtied.length > 0, bottom + 92),
  ].join("\n");
}

interface Plot {
  readonly x: LogScale;
  readonly y: LogScale;
}

function drawRow(bytes: number, height: number): string {
  return `<line class="rule" x1="${left}" y1="${at(height)}" x2="${right}" y2="${at(height)}"/><text class="dim" x="${left - 10}" y="${at(height + 4)}" text-anchor="end">${formatBytes(bytes).replace(".0 ", " ")}</text>`;
}

/** A mark for each interval, as far as its text does not run into the one before. */
function drawColumns(everies: readonly number[], x: LogScale, bottom: number, storeSeconds: number): readonly string[] {
  let last = -Infinity;
  return everies.map((every) => {
    const place = x.place(every);
    const rule = `<line class="rule" x1="${at(place)}" y1="${top}" x2="${at(place)}" y2="${at(bottom)}"/>`;
    if (place - last < 72) return rule;
    last = place;
    const text = (line: number, words: string): string =>
      `<text class="dim" x="${at(place)}" y="${at(bottom + line)}" text-anchor="middle">${words}</text>`;
    return `${rule}${text(18, formatShortCount(every))}${text(34, formatDuration(every * storeSeconds))}`;
  });
}

/** The pages dirtied, broad and pale behind the lines. */
function drawBand(points: readonly ChartPoint[], plot: Plot): readonly string[] {
  if (points.length === 0) return [];
  const tooltip = `distinct pages dirtied, 4 KiB each: ${points.map(pointText).join(", ")}`;
  const ends = points.length === 1 ? [points[0], points[0]] : points;
  return [`<polyline class="band" points="${path(ends, plot)}"><title>${tooltip}</title></polyline>`];
}

interface LineLook {
  readonly hue: number;
  /** Height of its label. */
  readonly place: number;
  /** Of the lines on the same points it is this one of so many. */
  readonly index: number;
  readonly count: number;
}

/** Lines on the same points share them in stripes. */
function drawLine({ name, points, wrongPages }: ChartLine, plot: Plot, { hue, place, index, count }: LineLook): string {
  const dashes =
    count === 1 ? "" : ` stroke-dasharray="${stripe} ${stripe * (count - 1)}" stroke-dashoffset="${-stripe * index}"`;
  const last = points[points.length - 1];
  const [endX, endY] = [plot.x.place(last.every), plot.y.place(last.bytes)];
  const label = right + 40;
  const leader = `<path class="leader" d="M ${at(endX + 6)} ${at(endY)} H ${at(Math.max(endX + 8, right + 4))} L ${at(label - 12)} ${at(place)} H ${label - 4}"/>`;
  const marks = points.map((point) => drawMark(plot.x.place(point.every), plot.y.place(point.bytes), wrongPages > 0)).join("");
  const wrong = wrongPages === 0 ? "" : `<tspan class="bad" dx="7">${formatNumberOf(wrongPages, "page")} wrong</tspan>`;
  return `<g class="strategy" style="--hue: ${hue}"><title>${escapeMarkup(`${name}: ${points.map(pointText).join(", ")}`)}</title>${leader}<polyline points="${path(points, plot)}"${dashes}/>${marks}<text class="name" x="${label}" y="${at(place + 4.5)}">${escapeMarkup(name)}${wrong}</text></g>`;
}

function drawMark(x: number, y: number, isWrong: boolean): string {
  if (!isWrong) return `<circle class="mark" cx="${at(x)}" cy="${at(y)}" r="4.5"/>`;
  const arm = 4.5;
  return `<path class="cross" d="M ${at(x - arm)} ${at(y - arm)} L ${at(x + arm)} ${at(y + arm)} M ${at(x - arm)} ${at(y + arm)} L ${at(x + arm)} ${at(y - arm)}"/>`;
}

/** What marks and the band mean, as far as they are there. */
function drawKey(lines: readonly ChartLine[], hasBand: boolean, y: number): string {
  const text = (x: number, words: string): string => `<text class="dim" x="${x}" y="${y + 4.5}">${words}</text>`;
  const isWrong = lines.some(({ wrongPages }) => wrongPages > 0);
  const isRight = lines.some(({ wrongPages }) => wrongPages === 0);
  const grey = (mark: string): string => `<g class="strategy" style="--colour: var(--dim)">${mark}</g>`;
  return [
    hasBand
      ? `<line class="band" x1="${left + 6}" y1="${y}" x2="${left + 34}" y2="${y}"/>${text(left + 48, "distinct pages dirtied, 4 KiB each")}`
      : "",
    isRight ? `${grey(drawMark(left + 322, y, false))}${text(left + 334, "came back right")}` : "",
    isWrong ? `${grey(drawMark(left + 472, y, true))}${text(left + 484, "lost or stale pages")}` : "",
  ].join("");
}

function path(points: readonly ChartPoint[], { x, y }: Plot): string {
  return points.map(({ every, bytes }) => `${at(x.place(every))},${at(y.place(bytes))}`).join(" ");
}

function pointText({ every, bytes }: ChartPoint): string {
  return `${formatBytes(Math.round(bytes))} every ${formatCount(Math.round(every))} stores`;
}

/** Hues all round the circle, neighbours in the list far apart. */
function hueOf(index: number, count: number): number {
  const step = count < 3 ? 1 : Math.round(count * 0.38) + (Math.round(count * 0.38) * 2 === count ? 1 : 0);
  return Math.round((210 + (360 * index * step) / count) % 360);
}
