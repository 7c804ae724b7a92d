// find: where in a task's memory some bytes stand at this moment.

import { frameBytes } from "@pagelapse/mmu";
import { areaAt, findVma } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { quote } from "../printable.ts";
import { formatAddress, formatNumberOf } from "../quantity.ts";
import { Refusal } from "../refusal.ts";
import { areaNames, parseAddressText, symbolOf } from "./address.ts";
import { answer } from "./answer.ts";
import type { DebugCommand } from "./command-line.ts";
import { parseExpression } from "./expression.ts";
import type { Breathe } from "./session.ts";
import { TaskMemory } from "./task-memory.ts";

/** In the order in which help lists them. */
export const findCommands: readonly DebugCommand[] = [
  {
    names: ["find"],
    usage: "[/FORMAT] START, +LENGTH|END, VALUE, ...",
    summary: 'where bytes stand: find [heap], +0x1000, "text", 0x0a',
    details: [
      "Values are numbers, as long as the format says (b h w g; w if not given), or",
      "text in quotes. A count in the format ends the search after so many; 100 if not",
      "given.",
      "After the name of an area alone an end is +LENGTH; without one all of it is",
      "searched.",
    ],
    completions: async (session) => areaNames((await session.looked()).areas),
    async run(session, { format, rest }) {
      const view = await session.view();
      const { index, task } = session.taskIn(view);
      const [startText, ...others] = splitAtCommas(rest);
      const start = parseAddressText(startText, task.areas);
      const { limit, byteCount } = parseFindFormat(format);
      const isWholeArea = others.length > 0 && areaNames(task.areas).includes(startText) && !isEnd(others[0]);
      const area = areaAt(task.areas, start);
      const end =
        isWholeArea && area !== undefined
          ? area.end
          : parseEnd(others.shift(), start, (text) => parseAddressText(text, task.areas));
      const pattern = patternOf(others, byteCount);
      const memory = new TaskMemory(session, view, index);
      const found = await session.search((breathe) => findIn(memory, task.areas, start, end, pattern, limit, breathe));
      const lines = found.map((vaddr) => `${formatAddress(vaddr)}  ${symbolOf(vaddr, task.areas)}`.trimEnd());
      const count = found.length === limit ? `the first ${limit} places` : formatNumberOf(found.length, "place");
      return answer([...lines, count], { found });
    },
  },
];

/** What can be an end: +LENGTH. An END is known by a value behind it. */
function isEnd(text: string): boolean {
  return text.startsWith("+");
}

/** At commas outside of quotes. */
function splitAtCommas(text: string): readonly [string, ...string[]] {
  const [first = "", ...others] = text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return [first.trim(), ...others.map((part) => part.trim())];
}

function parseFindFormat(text: string): { readonly limit: number; readonly byteCount: number } {
  const [, digits, size] = /^(\d{0,6})([bhwg]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new Refusal(`expected a count and one of b h w g, found ${quote(text)}`);
  return { limit: digits === "" ? 100 : Math.max(1, Number(digits)), byteCount: { b: 1, h: 2, w: 4, g: 8 }[size ?? ""] ?? 4 };
}

function parseEnd(text: string | undefined, start: number, parse: (text: string) => number): number {
  if (text === undefined) throw new Refusal("expected START, END and a value, found less");
  const end = isEnd(text) ? start + parse(text.slice(1)) : parse(text);
  if (end > start) return end;
  throw new Refusal(`expected an end above ${formatAddress(start)}, found ${formatAddress(end)}`);
}

function patternOf(values: readonly string[], byteCount: number): Buffer {
  if (values.length === 0) throw new Refusal("expected a value to find, found none");
  return Buffer.concat(values.map((text) => bytesOf(text, byteCount)));
}

function bytesOf(text: string, byteCount: number): Buffer {
  if (/^".+"$/.test(text)) return Buffer.from(text.slice(1, -1).replace(/\\(.)/g, "$1"), "utf8");
  const value = BigInt.asUintN(byteCount * 8, BigInt(parseExpression(text, () => undefined)(undefined)));
  const digits = value.toString(16).padStart(byteCount * 2, "0");
  return Buffer.from(Buffer.from(digits, "hex").toReversed());
}

/** Page by page; what reaches over the end of a page is found, too. Pages that are not mapped or not known hold nothing. */
async function findIn(
  memory: TaskMemory,
  areas: readonly Area[],
  start: number,
  end: number,
  pattern: Buffer,
  limit: number,
  breathe: Breathe,
): Promise<readonly number[]> {
  const found: number[] = [];
  let tail = Buffer.alloc(0);
  for (let page = start - (start & (frameBytes - 1)); page < end && found.length < limit; page += frameBytes) {
    const area = findVma(areas, page);
    if (area === undefined) break;
    if (area.start > page) {
      tail = Buffer.alloc(0);
      page = area.start;
      if (page >= end) break;
    }
    const bytes = await memory.page(page);
    await breathe((page - start) / (end - start), page - start);
    if (typeof bytes === "string") {
      tail = Buffer.alloc(0);
      continue;
    }
    const text = Buffer.concat([tail, bytes]);
    const base = page - tail.length;
    for (let at = text.indexOf(pattern); at >= 0 && found.length < limit; at = text.indexOf(pattern, at + 1)) {
      const vaddr = base + at;
      if (vaddr >= start && vaddr + pattern.length <= end) found.push(vaddr);
    }
    tail = text.subarray(text.length - Math.min(text.length, pattern.length - 1));
  }
  return found;
}
