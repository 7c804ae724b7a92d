import { i386 } from "@pagelapse/mmu";
import { TraceChunks, createDecoder } from "@pagelapse/trace";
import { VM_GROWSDOWN } from "@pagelapse/vma";
import { expect, test } from "vitest";
import { at, eventsOf, refused, replay, seen, smallMachine } from "./replay.ts";
import {
  breakDown,
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
const B = 0x40_0000;
const unknown = { prot: 1, file: "/lib/x" };

test.each<readonly [rule: string, records: readonly Uint8Array[], places: Readonly<Record<number, string>>]>([
  ["a mapping without a name is zero", [map(A, 8192)], { [A]: "rw- 0", [A + 8191]: "rw- 0", [A + 8192]: "unmapped" }],
  ["a named mapping without content is unknown", [map(A, 4096, unknown)], { [A]: "r-- ?" }],
  [
    "a named mapping has the content that follows",
    [map(A, pages(2, 7), { prot: 3, file: "/x", offset: 4096 })],
    { [A]: "rw- 7", [A + 4096]: "rw- 7" },
  ],
  ["content of zeros is known", [map(A, pages(1, 0), { prot: 3, file: "/x" })], { [A]: "rw- 0" }],
  [
    "two mappings of a file have each its content",
    [map(A, pages(1, 1), { file: "/x" }), map(B, pages(1, 2), { file: "/x" })],
    { [A]: "rw- 1", [B]: "rw- 2" },
  ],
  [
    "content may end inside a page",
    [map(A, pages(1, 7).subarray(0, 100), { file: "/x" })],
    { [A + 99]: "rw- 7", [A + 100]: "rw- 0" },
  ],
  ["anonymous memory may have content", [map(A, pages(2, 7))], { [A]: "rw- 7", [A + 4096]: "rw- 7" }],
  [
    "a mapping replaces what was there",
    [map(A, 8192), store(A, 1), store(A + 4096, 2), map(A, 4096)],
    { [A]: "rw- 0", [A + 4096]: "rw- 2" },
  ],
  [
    "ranges are rounded to the pages around them",
    [map(A, 8192), protect(A + 0x519, 0x65, 4)],
    { [A]: "--x 0", [A + 4096]: "rw- 0" },
  ],
  [
    "an unaligned mapping is the pages around it",
    [start(A + 0x519, 0x65, { prot: 4, file: "/v", offset: 0x7519 })],
    { [A]: "--x ?", [A + 4095]: "--x ?", [A + 4096]: "unmapped" },
  ],
  ["a store writes its bytes", [map(A, 4096), store(A + 8, 1, 2, 3)], { [A + 8]: "rw- 1", [A + 10]: "rw- 3", [A + 11]: "rw- 0" }],
  ["a store may cross a page", [map(A, 8192), store(A + 4095, 1, 2)], { [A + 4095]: "rw- 1", [A + 4096]: "rw- 2" }],
  ["a store of 64 bytes", [map(A, 4096), store(A, ...pages(1, 9).subarray(0, 64))], { [A + 63]: "rw- 9", [A + 64]: "rw- 0" }],
  ["an unmapped range is gone", [map(A, 8192), unmap(A, 4096)], { [A]: "unmapped", [A + 4096]: "rw- 0" }],
  ["protection changes, bytes stay", [map(A, 4096), store(A, 5), protect(A, 4096, 1)], { [A]: "r-- 5" }],
  [
    "the kernel writes across pages",
    [map(A, 12_288), kernelWrite(A + 100, pages(2, 6))],
    { [A + 99]: "rw- 0", [A + 100]: "rw- 6", [A + 8291]: "rw- 6", [A + 8292]: "rw- 0" },
  ],
  ["a signal's frame is written", [map(A, 4096), signalFrame(10, A + 16, Uint8Array.of(1, 2))], { [A + 17]: "rw- 2" }],
  [
    "memory moves, and leaves nothing",
    [map(A, 8192), store(A, 5), remap(A, B, 8192)],
    { [A]: "unmapped", [B]: "rw- 5", [B + 4096]: "rw- 0" },
  ],
  [
    "anonymous memory is zero after madvise",
    [map(A, pages(1, 7)), store(A, 5), zero(A, 4096)],
    { [A]: "rw- 0", [A + 1]: "rw- 0" },
  ],
  [
    "file memory is the file's again after madvise",
    [map(A, pages(1, 7), { file: "/x" }), store(A, 5), zero(A, 4096)],
    { [A]: "rw- 7" },
  ],
  [
    "content comes when a mapping becomes writable",
    [map(A, 8192, unknown), protect(A, 4096, 3), content(A, pages(1, 8)), store(A, 5)],
    { [A]: "rw- 5", [A + 1]: "rw- 8", [A + 4096]: "r-- ?" },
  ],
  ["content may come before that", [map(A, 4096, unknown), content(A, pages(1, 8)), protect(A, 4096, 3)], { [A]: "rw- 8" }],
  [
    "content keeps the rights of each part",
    [map(A, 4096, unknown), map(A + 4096, 4096, { ...unknown, prot: 7 }), content(A, pages(2, 8))],
    { [A]: "r-- 8", [A + 4096]: "rwx 8" },
  ],
  [
    "the break grows inside the mapping that holds it, which becomes zero",
    [map(A, pages(1, 7), { prot: 7 }), breakUp(A, 8192)],
    { [A]: "rwx 0", [A + 4096]: "rwx 0" },
  ],
  [
    "the break grows from the mapping that ends there",
    [map(A, pages(1, 7), { prot: 7 }), breakUp(A + 4096, 1)],
    { [A]: "rwx 7", [A + 4096]: "rwx 0", [A + 8192]: "unmapped" },
  ],
  [
    "the mapping that holds the break counts before the one that ends there",
    [map(A, 4096, { prot: 1 }), map(A + 4096, 4096), breakUp(A + 4096, 8192)],
    { [A + 8192]: "rw- 0" },
  ],
  [
    "the break grows inside a page",
    [map(A, pages(1, 7)), breakUp(A + 100, 8)],
    { [A + 99]: "rw- 7", [A + 100]: "rw- 0", [A + 107]: "rw- 0", [A + 108]: "rw- 7" },
  ],
  [
    "a shrunk break stays mapped, and is zero",
    [map(A, pages(3, 7)), breakDown(A + 4000, 8000)],
    { [A + 3999]: "rw- 7", [A + 4000]: "rw- 0", [A + 4096]: "rw- 0", [A + 11_999]: "rw- 0", [A + 12_000]: "rw- 7" },
  ],
  [
    "the break shrinks inside a page",
    [map(A, pages(1, 7)), breakDown(A + 100, 8)],
    { [A + 99]: "rw- 7", [A + 100]: "rw- 0", [A + 108]: "rw- 7" },
  ],
  [
    "a store below the stack extends it",
    [start(A, pages(1, 7)), store(A - 5000, 1)],
    { [A]: "rw- 7", [A - 4096]: "rw- 0", [A - 5000]: "rw- 1", [A - 8193]: "unmapped" },
  ],
  [
    "a kernel write below the stack extends it",
    [start(A, pages(1, 7)), kernelWrite(A - 8, Uint8Array.of(3))],
    { [A - 8]: "rw- 3" },
  ],
  ["a load below the stack extends it", [start(A, pages(1, 7)), load(A - 8, 8)], { [A - 8]: "rw- 0" }],
])("%s", (_, records, places) => {
  const { machine } = replay(stream(...records));
  expect(Object.fromEntries(Object.keys(places).map((place) => [place, at(machine, Number(place))]))).toEqual(places);
});

test("memory that begins as zeros is no stack", () => {
  const { machine } = replay(stream(start(A, pages(1, 0)), start(B, pages(1, 1))));
  expect(machine.space.areas.map(({ start: first, flags, name }) => [first, (flags & VM_GROWSDOWN) !== 0, name])).toEqual([
    [A, false, ""],
    [B, true, "[stack]"],
  ]);
});

/** What filled pages, in order. */
const fillings = (...records: readonly Uint8Array[]): readonly unknown[] =>
  eventsOf(stream(...records))
    .map((event) => event["kind"])
    .filter((kind) => kind === "frame-copied" || kind === "kernel-store");

test("pages come in when the program touches them", () => {
  expect(fillings(start(A, pages(3, 7), { file: "/x" }))).toEqual([]);
  expect(fillings(start(A, pages(3, 7), { file: "/x" }), store(A + 4096, 1))).toEqual(["frame-copied"]);
  expect(fillings(start(A, Buffer.concat([pages(2, 0), pages(1, 7)])))).toEqual(["kernel-store"]);
});

test("what is zero already is not touched when the break moves over part of a page", () => {
  const grown = [map(A, 8192), breakUp(A + 100, 100), breakDown(A + 50, 100)];
  expect(fillings(...grown)).toEqual([]);
  expect(fillings(...grown, store(A + 60, 1), breakDown(A + 50, 100))).toEqual(["kernel-store"]);
});

test("a mapping shows its file's name, whatever its content is kept as", () => {
  const { machine } = replay(stream(start(A, pages(1, 7), { file: "/usr/bin/true", offset: 0x7000 }), start(B, 4096, unknown)));
  expect(machine.space.areas.map(({ name, offset }) => [name, offset])).toEqual([
    ["/usr/bin/true", 0x7000],
    ["/lib/x", 0],
  ]);
});

test("an event says which instruction and which record it comes from", () => {
  const records = [
    map(A, 8192),
    pc(0x40_1000),
    store(A, 1),
    store(A + 4092, 1, 2, 3, 4, 5, 6, 7, 8),
    instruction(0x40_2000, 3),
    kernelWrite(A, Uint8Array.of(1)),
  ];
  const offsets = records.map((_, index) => stream(...records.slice(0, index)).length);
  const events = eventsOf(stream(...records));
  const placesOf = (kind: string): readonly (readonly unknown[])[] =>
    events.filter((event) => event["kind"] === kind).map((event) => [event["site"], event["origin"]]);
  expect(placesOf("store")).toEqual([
    [0x40_1000, offsets[2]],
    [0x40_1000, offsets[3]],
    [0x40_1000, offsets[3]],
  ]);
  expect(
    placesOf("frame-zeroed")
      .slice(-2)
      .map(([, origin]) => origin),
  ).toEqual([offsets[2], offsets[3]]);
  expect(placesOf("kernel-store")).toEqual([[0x40_2000, offsets[5]]]);
});

test("a system call is a note; what is negative stays so", () => {
  const lines = seen(stream(systemCall(257, 3, -2, 0xff, -100)));
  expect(lines.find((line) => line.includes("system-called"))).toContain(
    '"number":257,"arguments":[255,-100,0,0,0,0],"result":-2,"thread":3',
  );
});

test("loads are translated, and recorded where the machine records them", () => {
  const machine = smallMachine({ loads: "recorded" });
  expect(seen(stream(map(A, 4096), load(A + 8, 4)), { machine }).filter((line) => line.includes('"kind":"load"'))).toHaveLength(
    1,
  );
});

test("records are counted by kind", () => {
  const { decoder } = replay(
    stream(
      map(A, 4096),
      pc(1),
      store(A, 1),
      store(A, 2),
      load(A, 1),
      kernelWrite(A, pages(1, 1)),
      signalFrame(1, A, pages(1, 1)),
    ),
  );
  expect(decoder.counts).toEqual([
    ["LOAD", 1],
    ["STORE", 2],
    ["PC", 1],
    ["MAP", 1],
    ["KERNEL_WRITE", 1],
    ["SIGNAL_FRAME", 1],
  ]);
  expect([decoder.stores, decoder.loads, decoder.kernelWrites]).toEqual([2, 1, 2]);
});

test("the areas at the start are those before anything but START", () => {
  const { decoder, machine } = replay(stream(start(A, 4096), start(B, pages(1, 1)), store(B - 8, 1), map(2 * B, 4096)));
  expect(decoder.areasAtStart?.map((area) => area.start)).toEqual([A, B]);
  expect(machine.space.areas.map((area) => area.start)).toEqual([A, B - 4096, 2 * B]);
});

test("decoding stops after exactly as many stores as were asked for", () => {
  const bytes = stream(
    map(A, 4096),
    store(A, 1),
    pc(5),
    store(A, 2),
    store(A, 3),
    kernelWrite(A, Uint8Array.of(9)),
    store(A + 1, 4),
  );
  const reached: (readonly string[])[] = [];
  const machine = smallMachine();
  const decoder = createDecoder(bytes, machine);
  decoder.storeLimit = 1;
  new TraceChunks().feed(bytes, (chunk) => {
    let from = chunk.start;
    for (;;) {
      from = decoder.decode(chunk, from);
      if (decoder.stores < decoder.storeLimit) return from;
      reached.push([at(machine, A), at(machine, A + 1)]);
      decoder.storeLimit += 1;
    }
  });
  expect(reached).toEqual([
    ["rw- 1", "rw- 0"],
    ["rw- 2", "rw- 0"],
    ["rw- 3", "rw- 0"],
    ["rw- 9", "rw- 4"],
  ]);
});

test("FINAL counts what differs, and keeps the first", () => {
  const base = [map(A, pages(1, 7)), map(A + 4096, 4096), map(B, 4096, { prot: 3, file: "/x" }), store(A + 4100, 1)] as const;
  const right = replay(
    stream(
      ...base,
      final(A, pages(1, 7)),
      final(A + 4096, Uint8Array.of(0, 0, 0, 0, 1)),
      final(B, 4096, { prot: 3, file: "/x" }),
    ),
  );
  expect(right.decoder.final).toMatchObject({ pages: 2, wrongBytes: 0, unknownBytes: 0, missingPages: 0, extraPages: 0 });
  const wrong = replay(
    stream(
      ...base,
      final(A, pages(1, 8)),
      final(A + 4096, Uint8Array.of(0, 2)),
      final(B, pages(1, 1)),
      final(2 * B, pages(2, 0)),
      final(3 * B, pages(1, 1)),
    ),
  );
  expect(wrong.decoder.final).toMatchObject({
    pages: 6,
    wrongBytes: 4096 + 1 + 4096,
    unknownBytes: 4096,
    missingPages: 3,
    extraPages: 0,
  });
  expect(wrong.decoder.final.firstWrong).toEqual({ vaddr: A, expected: 8, found: 7 });
});

test.each([0, 1, 2, 3, 4094, 4095])("FINAL finds one wrong byte at %i of a page", (place) => {
  const found = pages(1, 7);
  found[place] = 9;
  const { decoder } = replay(stream(map(A, found), final(A, pages(1, 7))));
  expect(decoder.final).toMatchObject({ wrongBytes: 1, firstWrong: { vaddr: A + place, expected: 7, found: 9 } });
});

test("FINAL counts the pages that the program did not have", () => {
  expect(replay(stream(map(A, 3 * 4096), final(A + 4096, 4096))).decoder.final).toMatchObject({
    pages: 0,
    missingPages: 0,
    extraPages: 2,
  });
  expect(replay(stream(map(A, 3 * 4096))).decoder.final).toMatchObject({ extraPages: 0 });
});

test("an address that the architecture cannot hold is refused", () => {
  const machine = smallMachine({ architecture: i386 });
  const bytes = stream(map(A, 4096), store(A, 1), store(0x1_0000_0000 + A, 2));
  expect(refused(bytes, { machine })).toMatchObject({ offset: stream(map(A, 4096), store(A, 1)).length, found: "0x100100000" });
});
