import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Machine } from "@pagelapse/kernel";
import { TraceChunks } from "@pagelapse/trace";
import { describe, expect, test } from "vitest";
import { replay } from "./replay.ts";

const samples = [
  { name: "true", path: "traces/true.mr.gz", stores: 11_440, kernelWrites: 8, pages: 28, missingPages: 1 },
  { name: "ls", path: "../../../tools/cli/traces/ls.mr.gz", stores: 197_176, kernelWrites: 145, pages: 65, missingPages: 0 },
  {
    name: "sqlite",
    path: "../../../tools/cli/traces/sqlite.mr.gz",
    stores: 773_277,
    kernelWrites: 24,
    pages: 116,
    missingPages: 0,
  },
] as const;

describe.each(samples)("$name, as it was recorded", ({ path, stores, kernelWrites, pages, missingPages }) => {
  const bytes = new Uint8Array(gunzipSync(readFileSync(new URL(path, import.meta.url))));

  test("ends with the memory of the real program, but for a page of stack that nobody touched", () => {
    const { decoder } = replay(bytes, { machine: new Machine({ frameCount: 8192 }), chunks: new TraceChunks() });
    expect(decoder).toMatchObject({ stores, kernelWrites });
    expect(decoder.final).toEqual(
      expect.objectContaining({ pages, wrongBytes: 0, unknownBytes: 0, missingPages, extraPages: 0 }),
    );
  });

  test("one byte stored otherwise is one wrong byte", () => {
    const last = lastStoreThatLasts(bytes);
    const changed = bytes.slice();
    changed[last] ^= 0x10;
    const { decoder } = replay(changed, { machine: new Machine({ frameCount: 8192 }) });
    expect(decoder.final.wrongBytes).toBe(1);
  });
});

/** Index of the first byte of the last store: nothing comes after it but the end. */
function lastStoreThatLasts(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer);
  let found = 0;
  for (let at = 8; at < bytes.length;) {
    const type = bytes[at + 7];
    const length = Number(view.getBigUint64(at + 8, true));
    if (type === 0x02) found = at + 8;
    const fields =
      { 0x10: 4, 0x17: 4, 0x18: 4, 0x11: 1, 0x12: 2, 0x13: 1, 0x14: 1, 0x15: 2, 0x16: 1, 0x19: 7, 0x1a: 1, 0x1b: 1, 0x1c: 1 }[
        type
      ] ?? 0;
    let byteCount = type === 0x02 ? bytes[at + 6] : 0;
    if (type === 0x16 || type === 0x1b || type === 0x1c) byteCount = length;
    if (fields === 4) {
      const nameBytes = Number(view.getBigUint64(at + 32, true));
      byteCount = Math.ceil(nameBytes / 8) * 8 + ((view.getUint32(at + 16, true) & 0x100) === 0 ? 0 : length);
    }
    at += 8 + fields * 8 + Math.ceil(byteCount / 8) * 8;
  }
  return found;
}
