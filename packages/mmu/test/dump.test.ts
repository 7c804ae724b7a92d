// Physical memory made of dumps, and dumps as text.

import {
  AbsentFrame,
  BadWordDump,
  DumpMemory,
  keptFrames,
  parseWordDump,
  rawDump,
  architectures,
  findLeaf,
  mappings,
  walk,
} from "@pagelapse/mmu";
import { expect, test } from "vitest";
import { named } from "./named.ts";

test("a dump gives words and bytes of the frames it has, and says which it has not", () => {
  const frame = Uint8Array.from({ length: 4096 }, (_, index) => index & 0xff);
  const far = 0x12_3456_7000;
  const memory = keptFrames(new Map([[far / 4096, frame]]));
  expect(memory.frameCount).toBe(far / 4096 + 1);
  expect(memory.readWord(far + 8)).toBe(0x0b0a_0908);
  const bytes = new Uint8Array(4);
  memory.read(far + 4092, bytes);
  expect([...bytes]).toEqual([0xfc, 0xfd, 0xfe, 0xff]);
  expect(() => memory.readWord(0x5008)).toThrow(new AbsentFrame(5).message);
  expect(new AbsentFrame(5).message).toBe("the dump has no frame at 0x5000");
  const raw = rawDump(new Uint8Array(8192 + 5).fill(1));
  expect([raw.frameCount, raw.readWord(8188)]).toEqual([2, 0x0101_0101]);
  expect(() => raw.readWord(8192)).toThrow(AbsentFrame);
  expect(() => new DumpMemory(1, () => new Uint8Array(7)).readWord(0)).toThrow("frame 0 of 7 bytes");
});

const wholeFrame = "0000000000003000: 0x0807060504030201 0x1122334455667788\n*\n";

test("words printed by QEMU and by gdb become frames, little-endian", () => {
  const frame = parseWordDump(`# comment\n\n${wholeFrame}`).get(3) ?? new Uint8Array();
  expect(frame).toHaveLength(4096);
  expect([...frame.subarray(4080)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
  const gdb = parseWordDump("0x3000:\t0x04030201\t0x08070605\n*\r\n0x3ff0:\t0x1111 0x2222\n*\n\n0x5000: 0x00000001\n*");
  expect([...gdb.keys()]).toEqual([3, 5]);
  expect([...(gdb.get(3) ?? [])].slice(4076, 4086)).toEqual([5, 6, 7, 8, 0x11, 0x11, 0x22, 0x22, 0x11, 0x11]);
});

test.each([
  ["3000 0x01", "an address, a colon and words", 1],
  ["3000: 0x012", "an address, a colon and words", 1],
  ["3000: 0x0102\n", "the address 0x3002", 2],
  ["3010: 0x0102030405060708\n", "a frame from 0x0 on", 1],
  [`${wholeFrame}2000: 0x0102030405060708\n*`, "a frame from 0x4000 on", 3],
  ["3000: 0x0102030405060708\n3010: 0x0102030405060708\n", "the address 0x3008", 2],
  ["*\n", "a line to repeat", 1],
  ["3000: 0x0102030405060708\n*\n*\n", "a line to repeat", 3],
  ["3000: 0x0102030405060708\n*\n3ffc: 0x01020304\n", "an address that whole lines lead to", 3],
  ["3000: 0x01020304\n*\n3ffc: 0x0102030405060708\n", "words of one frame", 3],
])("%j is no dump of words: %s is expected in line %i", (text, expected, line) => {
  const refusal = ((): unknown => {
    try {
      return parseWordDump(text);
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(BadWordDump);
  expect(refusal).toMatchObject({ expected, line });
});

test.each(architectures.map(({ name }) => [name]))("%s: tables beyond 4 GiB are walked where entries can name them", (name) => {
  const architecture = named(name);
  const { bits, entryBytes, levels } = architecture;
  const canReach = bits.frameHigh !== 0;
  const firstTable = canReach ? 2 ** 20 + 0x234 : 0x234;
  const frames = new Map<number, Uint8Array>();
  levels.forEach((level, depth) => {
    const bytes = new Uint8Array(4096);
    const next = firstTable + depth + 1;
    const view = new DataView(bytes.buffer);
    const flags = depth === levels.length - 1 ? bits.present | bits.read | bits.user : level.table;
    // Entry 1 of each table leads on.
    view.setUint32(entryBytes, ((next * 2 ** bits.frameShift) >>> 0) + flags, true);
    if (entryBytes === 8) view.setUint32(entryBytes + 4, Math.floor(next / 2 ** (32 - bits.frameShift)), true);
    frames.set(firstTable + depth, bytes);
  });
  const memory = keptFrames(frames);
  const vaddr = levels.reduce((sum, level) => sum + level.span, 0);
  const found = walk(memory, architecture, firstTable * 4096, vaddr);
  expect(found.frame).toBe(firstTable + levels.length);
  expect(findLeaf(memory, architecture, firstTable * 4096, vaddr)?.paddr).toBe(found.mapping?.paddr);
  expect([...mappings(memory, architecture, firstTable * 4096)]).toEqual([found.mapping]);
});
