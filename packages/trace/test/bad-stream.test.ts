import fc from "fast-check";
import { expect, test } from "vitest";
import { refusalOf, refused, replay, smallMachine } from "./replay.ts";
import {
  breakUp,
  content,
  final,
  instruction,
  kernelWrite,
  load,
  map,
  pages,
  pc,
  protect,
  record,
  remap,
  signalFrame,
  start,
  store,
  stream,
  systemCall,
  unmap,
  zero,
} from "./stream.ts";

const A = 0x10_0000;
const taskEnd = 0x7fff_ffff_f000;

/** One of everything, all of it good. */
const all = [
  start(A, pages(2, 7).subarray(0, 4100), { file: "/bin/x", offset: 4096 }),
  start(2 * A, Uint8Array.of(0, 1), { prot: 7 }),
  map(3 * A, 5000, { prot: 1, file: "/lib/y" }),
  pc(A),
  store(A, 1, 2, 3),
  load(A, 4),
  instruction(A, 2),
  protect(3 * A, 4096, 3),
  content(3 * A, pages(1, 3).subarray(0, 20)),
  breakUp(A + 8192, 100),
  kernelWrite(
    A + 4000,
    Uint8Array.from({ length: 200 }, (_, index) => index),
  ),
  signalFrame(10, A, Uint8Array.of(1)),
  systemCall(1, 1, -1, 2),
  remap(3 * A, 4 * A, 4096),
  zero(A, 4096),
  unmap(A, 4096),
  final(A, pages(2, 7).subarray(0, 30)),
  final(2 * A, Uint8Array.of(0, 1)),
];
const whole = stream(...all);
const boundaries = all.map((_, index) => stream(...all.slice(0, index)).length);

test("cut off anywhere but between two records, a stream is refused at the record that is not whole", () => {
  replay(whole);
  // The middle of the long content is all alike.
  for (let length = 1; length < whole.length; length += length > 200 && length < 4000 ? 211 : 1) {
    const begun = boundaries.findLast((offset) => offset <= length);
    if (length === begun) continue;
    const { offset, expected, found } = refused(whole.subarray(0, length));
    expect([offset, found, /^\d+ more bytes of /.test(expected)]).toEqual([begun ?? 0, "the end of the trace", true]);
  }
});

test("a stream says how many bytes it lacks", () => {
  expect(refused(stream(store(A, 1)).subarray(0, 10)).message).toBe(
    "offset 8: expected 6 more bytes of a record's header, found the end of the trace",
  );
  expect(refused(stream(map(A, 4096), store(A, ...pages(1, 0).subarray(0, 9))).subarray(0, -1)).expected).toBe(
    "1 more bytes of a STORE record",
  );
  expect(refused(stream(map(A, 4096, { file: "/bin/x" })).subarray(0, -1)).expected).toBe("1 more bytes of a MAP record");
  expect(refused(stream(final(A, pages(3, 0))).subarray(0, -100)).expected).toBe("100 more bytes of a FINAL record");
  expect(refused(stream(kernelWrite(A, Uint8Array.of(1))).subarray(0, -7)).message).toContain("0x100000");
  expect(refused(stream(map(A, 4096), kernelWrite(A, Uint8Array.of(1))).subarray(0, -7)).expected).toBe(
    "7 more bytes of the padding of a KERNEL_WRITE record",
  );
});

test.each<readonly [string, Uint8Array, string, string]>([
  ["an unknown type", record(0x05, 0, 0), "a type of record", "0x5"],
  ["type 0", record(0, 0, 0), "a type of record", "0x0"],
  ["a store of nothing", record(0x02, 0, A), "a store of 1 to 64 bytes", "one of 0"],
  ["a store of 65 bytes", record(0x02, 65, A, new Uint8Array(72)), "a store of 1 to 64 bytes", "one of 65"],
  ["a load of nothing", load(A, 0), "a load of 1 byte or more", "one of none"],
  ["a store too high", store(0xffff_ffff_fff0, 1), "an address below 0x7ffffffff000", "0xfffffffffff0"],
  ["a program counter too high", pc(0x8000_0000_0000), "an address below 0x7ffffffff000", "0x800000000000"],
  ["a store outside every area", store(A - 1, 1), "an address inside a writable area", "0xfffff (unmapped)"],
  ["a store that ends outside", store(A + 8190, 1, 2, 3, 4), "an address inside a writable area", "0x102000 (unmapped)"],
  ["a store to what may only be read", store(2 * A, 1), "an address inside a writable area", "0x200000 (forbidden)"],
  ["a load outside every area", load(A - 1, 1), "an address inside a readable area", "0xfffff (unmapped)"],
  [
    "a kernel write outside every area",
    kernelWrite(A - 8, Uint8Array.of(1)),
    "an address inside a writable area",
    "0xffff8 (unmapped)",
  ],
  [
    "a kernel write that ends outside",
    kernelWrite(A + 4096, pages(2, 1)),
    "an address inside a writable area",
    "0x102000 (unmapped)",
  ],
  [
    "a signal frame to what may only be read",
    signalFrame(1, 2 * A, Uint8Array.of(1)),
    "an address inside a writable area",
    "0x200000 (forbidden)",
  ],
  [
    "content of anonymous memory that may only be read",
    map(A, pages(1, 1), { prot: 1 }),
    "an address inside a writable area",
    "0x100000 (forbidden)",
  ],
  ["a mapping of nothing", map(A, 0), "1 byte or more", "none"],
  ["a mapping that begins too high", map(taskEnd, 4096), "an address below 0x7ffffffff000", "0x7ffffffff000"],
  ["a mapping that ends too high", map(taskEnd - 4096, 4097), "at most 0x1000 bytes from 0x7fffffffe000 on", "0x1001"],
  ["a mapping that wraps", map(A, 2 ** 64 - 4096), "at most 0x7fffffeff000 bytes from 0x100000 on", "0xfffffffffffff000"],
  ["other protection bits", map(A, 4096, { prot: 0x203 }), "protection bits 1, 2, 4 and 0x100", "0x203"],
  ["protection bits in the high word", map(A, 4096, { prot: 2 ** 33 }), "protection bits 1, 2, 4 and 0x100", "0x200000000"],
  [
    "a file that is too long",
    map(A, 4096, { offset: 2 ** 47 }),
    "a file of at most 0x800000000000 bytes",
    "bytes 0x800000000000 and on",
  ],
  ["a name that is too long", map(A, 4096, { file: "x".repeat(4097) }), "a name of at most 4096 bytes", "one of 4097"],
  ["a file offset inside a page", map(A, 4096, { file: "x", offset: 1 }), "a map-memory that succeeds", "EINVAL"],
  ["a mapping where Linux has none", map(4096, 4096), "a map-memory that succeeds", "EPERM"],
  ["an unmapping of nothing", unmap(A, 0), "1 byte or more", "none"],
  ["other bits of a protection", protect(A, 4096, 0x103), "protection bits 1, 2 and 4", "0x103"],
  ["a protection of nothing mapped", protect(8 * A, 4096, 1), "a protect-memory that succeeds", "ENOMEM"],
  ["a break that grows from nowhere", breakUp(8 * A, 4096), "a mapping for the break to grow from", "0x800000 (unmapped)"],
  ["a move to an address too high", remap(A, taskEnd, 4096), "an address below 0x7ffffffff000", "0x7ffffffff000"],
  ["a move onto itself", remap(A, A + 4096, 8192), "a move-memory that succeeds", "EINVAL"],
  ["a move of nothing mapped", remap(8 * A, 9 * A, 4096), "a move-memory that succeeds", "EFAULT"],
  ["advice on nothing mapped", zero(8 * A, 4096), "a advise-memory that succeeds", "ENOMEM"],
  ["content of nothing mapped", content(A + 4096, pages(2, 1)), "the bytes of a mapping", "0x102000 (unmapped)"],
  ["content that begins inside a page", content(A + 1, pages(1, 1)), "an address at the start of a page", "0x100001"],
  ["a final mapping of nothing", final(A, 0), "1 byte or more", "none"],
])("%s is refused where it stands", (_, wrong, expected, found) => {
  const before = [map(A, 8192), map(2 * A, 4096, { prot: 1 }), store(A, 1)];
  const { offset, line, ...told } = refused(stream(...before, wrong, store(A, 1)));
  expect([offset, line, told.expected, told.found]).toEqual([stream(...before).length, undefined, expected, found]);
});

test("content over a hole between two mappings is refused", () => {
  const mapped = [map(A, 4096), map(A + 8192, 4096)];
  expect(refused(stream(...mapped, content(A, pages(3, 1)))).found).toBe("0x101000 (unmapped)");
});

test.each(["", "X", "VMERREC2", "VNERREC1", "V\n", "{}", "\x1f\x8b"])("%j is no trace", (text) => {
  expect(refused(Buffer.from(text)).offset).toBe(0);
});

test("lengths that no input could have cost nothing", () => {
  const huge = 2 ** 46;
  for (const type of [0x10, 0x17])
    expect(refused(stream(record(type, 0, A, huge, 0x103, 0, 0, new Uint8Array(8)))).found).toBe("the end of the trace");
  expect(refused(stream(record(0x18, 0, A, huge, 0x103, 0, 0, new Uint8Array(8)))).found).toBe("the end of the trace");
  replay(stream(map(A, huge), protect(A, huge, 1), zero(A, huge), remap(A, huge + A, huge / 2), unmap(A, huge), final(A, huge)));
});

const hostile = [0, 1, 7, 8, 9, 0x103, 0x1ff, 4095, 4096, 4097, A, taskEnd, 2 ** 31, 2 ** 32, 2 ** 47, 2 ** 48, 2 ** 53, 2 ** 63];

test("any word may be any other: the stream is believed or refused", () => {
  const view = new DataView(whole.buffer);
  let refusals = 0;
  for (const offset of boundaries) {
    for (let word = 0; word < 6 && offset + word * 8 < whole.length; word++) {
      const kept = view.getBigUint64(offset + word * 8, true);
      for (const value of [
        ...hostile.map(BigInt),
        2n ** 64n - 1n,
        2n ** 64n - 4096n,
        kept ^ 1n,
        kept ^ (1n << 48n),
        kept ^ (1n << 56n),
        kept ^ (1n << 47n),
      ]) {
        view.setBigUint64(offset + word * 8, value, true);
        refusals += outcome(whole);
      }
      view.setBigUint64(offset + word * 8, kept, true);
    }
  }
  expect(refusals).toBeGreaterThan(1000);
});

test("random records are believed or refused", () => {
  const types = fc.constantFrom(
    0x01,
    0x02,
    0x03,
    0x04,
    0x10,
    0x11,
    0x12,
    0x13,
    0x14,
    0x15,
    0x16,
    0x17,
    0x18,
    0x19,
    0x1a,
    0x1b,
    0x1c,
    0x1d,
  );
  const address = fc.oneof(
    fc.nat(3).map((page) => A + page * 4096),
    fc.nat(16_384).map((byte) => A + byte),
    fc.constantFrom(...hostile.filter((value) => value < 2 ** 48)),
  );
  const length = fc.oneof(fc.constantFrom(4096, 8192), fc.nat(9000), fc.constantFrom(...hostile));
  const one = fc.tuple(types, fc.nat(70), address, fc.array(length, { maxLength: 8 }), fc.uint8Array({ maxLength: 40 }));
  let refusals = 0;
  fc.assert(
    fc.property(fc.array(one, { size: "max", maxLength: 30 }), (records) => {
      refusals += outcome(
        stream(map(A, 16_384), ...records.map(([type, size, at, fields, bytes]) => record(type, size, at, ...fields, bytes))),
      );
    }),
    { numRuns: 400 },
  );
  expect(refusals).toBeGreaterThan(100);
});

test("random bytes are believed or refused", () => {
  let refusals = 0;
  fc.assert(
    fc.property(fc.uint8Array({ size: "max", maxLength: 200 }), (bytes) => {
      refusals += outcome(Buffer.concat([stream(map(A, 16_384)), bytes])) + outcome(bytes);
    }),
    { numRuns: 200 },
  );
  expect(refusals).toBeGreaterThan(300);
});

/** 1 when a trace was refused; any error but `BadTrace` is thrown. */
function outcome(bytes: Uint8Array): 0 | 1 {
  try {
    replay(bytes, { machine: smallMachine({ frameCount: 256 }) });
    return 0;
  } catch (reason) {
    refusalOf(reason);
    return 1;
  }
}
