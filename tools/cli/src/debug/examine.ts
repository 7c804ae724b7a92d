// x and xp: memory at this moment, of the task one looks at or physical, in gdb's formats.

import { printable } from "../printable.ts";
import { formatAddress } from "../quantity.ts";
import { Refusal } from "../refusal.ts";
import { areaNames, parseAddressText, symbolOf } from "./address.ts";
import { answerInPart } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { nothingToComplete } from "./command-line.ts";
import type { DebugCommand, Input } from "./command-line.ts";
import { formatLetters, formatText, formatUnit, parseMemoryFormat, unitsInLine } from "./memory-format.ts";
import type { MemoryFormat } from "./memory-format.ts";
import { parseRange } from "./range-text.ts";
import type { Session } from "./session.ts";
import { TaskMemory } from "./task-memory.ts";
import { bytesJson } from "./value-text.ts";
import { watchedIn } from "./watched-memory.ts";

const examine: DebugCommand = {
  names: ["x"],
  usage: "[/FORMAT] ADDR",
  summary: "show memory: x/8xg ADDR",
  details: [
    "The format is a count, a letter and a size (b 1, h 2, w 4, g 8 bytes), each",
    "optional.",
    ...Object.entries(formatLetters).map(([letter, meaning]) => `  ${letter}  ${meaning}`),
    "Enter goes on behind what was shown. Bytes that no trace told are ??.",
  ],
  completions: async (session) => areaNames((await session.looked()).areas),
  async run(session, input) {
    const view = await session.view();
    const { index, task } = session.taskIn(view);
    const memory = new TaskMemory(session, view, index);
    const label = (vaddr: number): string => {
      const symbol = symbolOf(vaddr, task.areas);
      return symbol === "" ? formatAddress(vaddr) : `${formatAddress(vaddr)} <${symbol}>`;
    };
    const start = parseAddressText(input.rest, task.areas);
    return show(session, input, "x", start, (vaddr, byteCount) => memory.bytes(vaddr, byteCount), label);
  },
};

const examinePhysical: DebugCommand = {
  names: ["xp"],
  usage: "[/FORMAT] PADDR",
  summary: "the same of physical memory, as QEMU has it",
  details: [],
  completions: nothingToComplete,
  async run(session, input) {
    const { address } = await parseRange(session, `-p ${input.rest}`, 1);
    const view = await session.view();
    const read = async (start: number, byteCount: number): Promise<Uint8Array | undefined> => {
      const place = await parseRange(session, `-p ${start}`, byteCount);
      return session.timeline.look(view, (past) => watchedIn(past, place).bytes);
    };
    return show(session, input, "xp", address, read, formatAddress);
  },
};

type Read = (start: number, byteCount: number) => Promise<Uint8Array | undefined>;

/** Lines as long as gdb makes them. What stands before a byte that is not mapped is shown. */
async function show(
  session: Session,
  { format: text }: Input,
  name: string,
  start: number,
  read: Read,
  label: (address: number) => string,
): Promise<Answer> {
  const format = parseMemoryFormat(text, session.memoryFormat);
  session.memoryFormat = format;
  if (format.letter === "s") return showTexts(format, name, start, read, label);
  const units: { readonly address: number; readonly bytes: Uint8Array | undefined }[] = [];
  const addressText = (value: bigint): string => (value < 2n ** 53n ? label(Number(value)) : `0x${value.toString(16)}`);
  for (let unit = 0; unit < format.count; unit++) {
    const address = start + unit * format.byteCount;
    try {
      units.push({ address, bytes: await read(address, format.byteCount) });
    } catch (reason) {
      if (!(reason instanceof Refusal) || unit === 0) throw reason;
      break;
    }
  }
  const lines: string[] = [];
  const inLine = unitsInLine(format);
  for (let first = 0; first < units.length; first += inLine) {
    const cells = units.slice(first, first + inLine).map(({ bytes }) => formatUnit(format, bytes, addressText));
    lines.push(`${label(units[first].address)}:  ${cells.join("  ")}`);
  }
  const end = start + units.length * format.byteCount;
  if (units.length < format.count) lines.push(`cannot access memory at address ${formatAddress(end)}`);
  const shown = units.map(({ address, bytes }) => ({ address, bytes: bytesJson(bytes) }));
  return answerInPart(
    lines,
    { units: shown },
    `${name}/${format.count}${format.letter}${sizeLetter(format)} ${formatAddress(end)}`,
  );
}

/** Bytes of a text at most. */
const textLimit = 200;

async function showTexts(
  { count }: MemoryFormat,
  name: string,
  start: number,
  read: Read,
  label: (address: number) => string,
): Promise<Answer> {
  const texts: { readonly address: number; readonly text: string }[] = [];
  const lines: string[] = [];
  let address = start;
  for (let index = 0; index < count; index++) {
    const found: number[] = [];
    let byte: Uint8Array | undefined;
    while (found.length < textLimit && (byte = await read(address + found.length, 1)) !== undefined && byte[0] !== 0)
      found.push(byte[0]);
    const text = formatText(Uint8Array.from(found));
    const isCut = byte === undefined || byte[0] !== 0;
    lines.push(`${label(address)}:  ${printable(text)}${isCut ? "..." : ""}`);
    texts.push({ address, text });
    address += found.length + (isCut ? 0 : 1);
  }
  return answerInPart(lines, { texts }, `${name}/${count}s ${formatAddress(address)}`);
}

function sizeLetter({ byteCount }: MemoryFormat): string {
  return { 1: "b", 2: "h", 4: "w", 8: "g" }[byteCount] ?? "";
}

/** In the order in which help lists them. */
export const examineCommands: readonly DebugCommand[] = [examine, examinePhysical];
