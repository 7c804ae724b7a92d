import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TraceChunks, createDecoder } from "@pagelapse/trace";
import fc from "fast-check";
import { expect, test } from "vitest";
import { call, lines } from "./lackey-lines.ts";
import { at, eventsOf, refusalOf, refused, replay, seen, smallMachine } from "./replay.ts";

const trueText = gunzipSync(readFileSync(new URL("traces/true.lackey.gz", import.meta.url)));

const stores = (bytes: Uint8Array): readonly (readonly unknown[])[] =>
  eventsOf(bytes).flatMap((event) =>
    event["kind"] === "store" ? [[event["vaddr"], event["length"], event["site"] ?? 0, event["origin"]]] : [],
  );

test.each<readonly [string, readonly string[], readonly (readonly number[])[]]>([
  ["a store comes from the last instruction and its own line", ["I  00401000,3", " S 00100008,8"], [[0x100008, 8, 0x401000, 2]]],
  ["a load is no store", [" L 00100008,8"], []],
  ["a modification is a load and a store", [" M 00100008,1"], [[0x100008, 1, 0, 1]]],
  [
    "addresses have up to twelve digits",
    [" S 1fff000da8,4", " S 7fffffffe000,2"],
    [
      [0x1f_ff00_0da8, 4, 0, 1],
      [0x7fff_ffff_e000, 2, 0, 2],
    ],
  ],
  [
    "a store may cross a page",
    [" S 00100ffc,8"],
    [
      [0x100ffc, 4, 0, 1],
      [0x101000, 4, 0, 1],
    ],
  ],
  [
    "a long store comes in parts",
    [" S 00100000,160"],
    [
      [0x100000, 64, 0, 1],
      [0x100040, 64, 0, 1],
      [0x100080, 32, 0, 1],
    ],
  ],
  [
    "other lines of Valgrind are passed over",
    ["==7== Lackey", "--7-- transtab", "", "SB 00401000", " S 00100000,1"],
    [[0x100000, 1, 0, 5]],
  ],
  [
    "an access may be glued to a system call",
    [`${call(56, "sys_clone ( 0x1200011, 0x0 )", "0x4966")}I  00401000,3`, `${call(39, "sys_getpid ( )", "0x7")} S 00100000,1`],
    [[0x100000, 1, 0x401000, 2]],
  ],
])("%s", (_, text, expected) => {
  expect(stores(lines(...text))).toEqual(expected);
});

test("a system call and what it does come from its line", () => {
  const events = eventsOf(lines("==7== x", call(9, "sys_mmap ( 0x0, 4096, 3, 34, -1, 0 )", "0x4835000")));
  const origins = events.filter(({ kind }) => kind === "system-called" || kind === "area-mapped").map(({ origin }) => origin);
  expect(origins).toEqual([2, 2]);
});

test("accesses are counted by kind", () => {
  const { decoder } = replay(
    lines("==7== x", "I  00401000,3", " L 00100000,4", " S 00100000,4", " M 00100000,4", call(12, "sys_brk ( 0x0 )", "0x600000")),
  );
  expect(decoder.counts).toEqual([
    ["instructions", 1],
    ["loads", 1],
    ["stores", 1],
    ["modifications", 1],
    ["system calls", 1],
    ["other lines", 1],
  ]);
  expect([decoder.stores, decoder.loads, decoder.kernelWrites]).toEqual([2, 2, 0]);
});

/** The bytes of each store. */
const values = (...text: readonly string[]): readonly unknown[] =>
  eventsOf(lines(...text)).flatMap((event) => (event["kind"] === "store" ? [event["bytes"]] : []));

test("decoding stops after exactly as many stores as were asked for", () => {
  const bytes = lines(
    " S 00100000,1",
    " L 00100000,1",
    " M 00100000,1",
    `${call(39, "sys_getpid ( )", "0x7")} S 00100000,1`,
    "I  00401000,3",
  );
  const decoder = createDecoder(bytes, smallMachine());
  const reached: number[] = [];
  decoder.storeLimit = 1;
  new TraceChunks().feed(bytes, (chunk) => {
    let from = chunk.start;
    for (;;) {
      from = decoder.decode(chunk, from);
      if (decoder.stores < decoder.storeLimit) return from;
      reached.push(decoder.loads);
      decoder.storeLimit += 1;
    }
  });
  expect(reached).toEqual([0, 2, 2]);
  expect(decoder.counts.at(0)).toEqual(["instructions", 1]);
});

test("bytes of a store come from its line alone", () => {
  const [a, b] = values(" S 00100000,8", " S 00100000,8");
  expect(a).not.toBe(b);
  expect(values(" L 00500000,1", " S 00300004,8")).toEqual([b]);
  expect(values(" S 00100000,64")[0]).toMatch(/^[0-9a-f]{128}$/);
});

test("a page is inferred when it is first touched, and says so", () => {
  const { machine, decoder } = replay(lines(" L 00100ffe,4", " S 00300000,1"));
  expect(machine.space.areas.map(({ start, end, name }) => [start, end, name])).toEqual([
    [0x100000, 0x102000, "[inferred]"],
    [0x300000, 0x301000, "[inferred]"],
  ]);
  expect(decoder.areasAtStart).toEqual([]);
});

test.each<readonly [string, readonly string[], Readonly<Record<number, string>>]>([
  [
    "mmap maps",
    [call(9, "sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 )", "0x4835000")],
    { 0x4835000: "rw- 0", 0x4836fff: "rw- 0", 0x4837000: "unmapped" },
  ],
  [
    "mmap of a file maps what nobody knows",
    [call(9, "sys_mmap ( 0x0, 16400, 1, 2050, 4, 4096 )", "0x4837000")],
    { 0x4837000: "r-- ?", 0x483b000: "r-- ?", 0x483c000: "unmapped" },
  ],
  ["munmap unmaps", [" S 00100000,1", call(11, "sys_munmap ( 0x100000, 100 )", "0x0")], { 0x100000: "unmapped" }],
  [
    "mprotect protects",
    [" S 00100000,1", "SYSCALL[7,1](10) sys_mprotect ( 0x100000, 4096, 1 )[sync] --> Success(0x0) "],
    { 0x100000: "r-- 24" },
  ],
  [
    "brk tells where the break is, then moves it",
    [call(12, "sys_brk ( 0x0 )", "0x600000"), call(12, "sys_brk ( 0x602000 )", "0x602000")],
    { 0x600000: "rw- 0", 0x601fff: "rw- 0", 0x602000: "unmapped" },
  ],
  [
    "a shrunk break stays, and is zero",
    [
      call(12, "sys_brk ( 0x0 )", "0x600000"),
      call(12, "sys_brk ( 0x602000 )", "0x602000"),
      " S 00600000,1",
      call(12, "sys_brk ( 0x600000 )", "0x600000"),
    ],
    { 0x600000: "rw- 0" },
  ],
  [
    "mremap moves",
    [
      call(9, "sys_mmap ( 0x0, 4096, 3, 34, -1, 0 )", "0x4835000"),
      call(25, "sys_mremap ( 0x4835000, 4096, 8192, 0x1, 0x0 )", "0x5000000"),
    ],
    { 0x4835000: "unmapped", 0x5001000: "rw- 0" },
  ],
  [
    "mremap grows in place",
    [
      call(9, "sys_mmap ( 0x0, 4096, 3, 34, -1, 0 )", "0x4835000"),
      call(25, "sys_mremap ( 0x4835000, 4096, 8192, 0x1, 0x0 )", "0x4835000"),
    ],
    { 0x4836000: "rw- 0", 0x4837000: "unmapped" },
  ],
  ["madvise discards", [" S 00100000,1", call(28, "sys_madvise ( 0x100000, 4096, 4 )", "0x0")], { 0x100000: "rw- 0" }],
  [
    "a call that failed does nothing",
    [" S 00100000,1", "SYSCALL[7,1](11) sys_munmap ( 0x100000, 4096 )[sync] --> Failure(0x16) "],
    { 0x100000: "rw- 24" },
  ],
  ["a call may be about pages never seen", [call(10, "sys_mprotect ( 0x900000, 4096, 1 )", "0x0")], { 0x900000: "unmapped" }],
])("%s", (_, text, places) => {
  const { machine } = replay(lines(...text));
  const found = Object.keys(places).map((place) => [place, at(machine, Number(place)).replace(/(?<= )[1-9]\d*/, "24")]);
  expect(Object.fromEntries(found)).toEqual(places);
});

test("a mapping bears the name of the file that was opened", () => {
  const { machine } = replay(
    lines(
      "SYSCALL[7,1](257) sys_openat ( 4294967196, 0x402a2a0(/lib/libc.so.6), 524288 ) --> [async] ... ",
      " L 00100000,8",
      "SYSCALL[7,1](257) ... [async] --> Success(0x4) ",
      call(9, "sys_mmap ( 0x0, 4096, 1, 2050, 4, 0 )", "0x4837000"),
      call(3, "sys_close ( 4 )", "0x0"),
      call(9, "sys_mmap ( 0x0, 4096, 1, 2050, 4, 0 )", "0x4847000"),
    ),
  );
  expect(machine.space.areas.map(({ name }) => name)).toEqual(["[inferred]", "/lib/libc.so.6", "file descriptor 4"]);
});

test.each<readonly [string, readonly string[], readonly string[]]>([
  ["on one line", [call(12, "sys_brk ( 0x0 )", "0x4035000")], ['"number":12,"arguments":[0],"result":67325952,"thread":1']],
  [
    "that failed",
    ["SYSCALL[7,1](21) sys_access ( 0x402a2a0(/etc/a, b), 4 )[sync] --> Failure(0x2) "],
    ['"number":21,"arguments":[67281568,0,4],"result":-2,"thread":1'],
  ],
  [
    "with numbers of every kind",
    [call(158, "arch_prctl ( 4098, 4a28740, -1 )", "0x0")],
    ['"number":158,"arguments":[4098,77760320,-1],"result":0,"thread":1'],
  ],
  [
    "on two lines, other threads between",
    [
      "SYSCALL[7,1](0) sys_read ( 4, 0x1ffefff458, 832 ) --> [async] ... ",
      "SYSCALL[7,2](186) sys_gettid ()[sync] --> Success(0x9) ",
      "SYSCALL[7,1](0) ... [async] --> Success(0x340) ",
    ],
    ['"number":186,"arguments":[],"result":9,"thread":2', '"number":0,"arguments":[4,137422173272,832],"result":832,"thread":1'],
  ],
  [
    "whose result has a line of its own",
    ["SYSCALL[7,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)", " --> [pre-fail] Failure(0x26) "],
    ['"result":-38,"thread":1'],
  ],
  ["that came back twice", [call(39, "sys_getpid ( )", "0x7"), " --> [pre-success] Success(0x8) "], ['"result":7,"thread":1']],
  ["with an access glued to it", [`${call(39, "sys_getpid ( )", "0x7")}I  00401000,3`], ['"result":7,"thread":1']],
  ["that never came back", ["SYSCALL[7,1](0) sys_read ( 4, 0x0, 1 ) --> [async] ... "], []],
])("a system call %s is a note", (_, text, expected) => {
  const notes = seen(lines(...text)).filter((line) => line.includes("system-called"));
  expect(notes).toHaveLength(expected.length);
  expect(expected.filter((note, index) => !notes[index].includes(note))).toEqual([]);
});

test.each<readonly [string, string, string]>([
  ["too few digits", " S 1000,8", '" S 1000,8"'],
  ["too many digits", " S 0001000000000000,8", '" S 0001000000000000,8"'],
  ["more zeros than an address has", " S 0000000100000,8", '" S 0000000100000,8"'],
  ["an address too high", " S ffff00000000,8", '" S ffff00000000,8"'],
  ["capital letters", " S 001000AB,8", '" S 001000AB,8"'],
  ["no size", " S 00100000,", '" S 00100000,"'],
  ["size 0", " S 00100000,0", '" S 00100000,0"'],
  ["size 513", " S 00100000,513", '" S 00100000,513"'],
  ["an endless size", " S 00100000,99999999999", '" S 00100000,99999999999"'],
  ["text behind", " S 00100000,8 ", '" S 00100000,8 "'],
  ["another letter", " X 00100000,8", '" X 00100000,8"'],
  ["an instruction not at the margin", " I 00100000,8", '" I 00100000,8"'],
  ["no access at all", "hello", '"hello"'],
  ["a carriage return", " S 00100000,8\r", '" S 00100000,8\\r"'],
])("a line with %s is refused", (_, line, found) => {
  expect(refused(lines("I  00401000,3", line, " S 00100000,8"))).toMatchObject({
    offset: 14,
    line: 2,
    found,
    expected: "an access or another line of lackey's text",
  });
});

test.each<readonly [string, readonly string[], string, string]>([
  ["a system call without its number", ["SYSCALL[7]"], "SYSCALL[process,thread](number)", '"SYSCALL[7]"'],
  [
    "two processes in one trace",
    [call(39, "sys_getpid ( )", "0x7"), "SYSCALL[8,1](39) sys_getpid ( )[sync] --> Success(0x8) "],
    "one process, 7, in a trace (a log file's name may have %p)",
    "a system call of process 8",
  ],
  [
    "a store to what was made read-only",
    [" S 00100000,1", call(10, "sys_mprotect ( 0x100000, 4096, 1 )", "0x0"), " S 00100000,1"],
    "an address inside a writable area",
    "0x100000 (forbidden)",
  ],
  ["a page where Linux has none", [" S 00000008,8"], "an address inside a writable area", "0x8 (unmapped)"],
  ["an access past the last page", [" S 7ffffffff000,8"], "an address inside a writable area", "0x7ffffffff000 (unmapped)"],
])("%s is refused", (_, text, expected, found) => {
  expect(refused(lines("==7== x", ...text))).toMatchObject({ line: 1 + text.length, expected, found });
});

test("a line that is too long is refused before it is kept", () => {
  expect(refused(lines("==7== x", `==7== ${"y".repeat(20_000)}`))).toMatchObject({ line: 2, offset: 8, found: "one of 20006" });
  const endless = Buffer.from(`==7== ${"y".repeat(200_000)}`);
  expect(refused(endless, { cuts: [100] })).toMatchObject({ line: 1, offset: 0, found: "a longer one" });
});

test("text cut off inside a line is refused there", () => {
  const bytes = lines("I  00401000,3", " S 00100000,16");
  for (let length = 1; length < bytes.length; length++) {
    if (length === 14) continue;
    expect(refused(bytes.subarray(0, length))).toMatchObject({
      line: length < 14 ? 1 : 2,
      offset: length < 14 ? 0 : 14,
      found: "the end of the trace",
    });
  }
});

test("text is the same in one block and in many", () => {
  const part = trueText.subarray(0, 60_000);
  const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });
  const whole = seen(part);
  fc.assert(
    fc.property(cuts, (lengths) => {
      expect(seen(part, { cuts: lengths })).toEqual(whole);
    }),
    { numRuns: 10 },
  );
});

test("any text is believed or refused", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "I  ",
      " S ",
      " L ",
      " M ",
      "00100000",
      ",8",
      "\n",
      "\n",
      "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4, 0 )",
      " --> ",
      "[pre-success] Success(0x4835000) ",
      "==7==",
      "Failure(0x2)",
      "(",
      ")",
    ),
    fc.string({ maxLength: 4 }),
  );
  let refusals = 0;
  fc.assert(
    fc.property(fc.array(piece, { size: "max", maxLength: 40 }), (pieces) => {
      try {
        replay(Buffer.from(pieces.join("")), { machine: smallMachine({ frameCount: 256 }) });
      } catch (reason) {
        refusalOf(reason);
        refusals += 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(refusals).toBeGreaterThan(100);
});
