import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Machine } from "@pagelapse/kernel";
import { parseValgrindLayout } from "@pagelapse/trace";
import type { ValgrindLayout } from "@pagelapse/trace";
import { expect, test } from "vitest";
import { call, lines } from "./lackey-lines.ts";
import { refusalOf, refused, replay } from "./replay.ts";

const unpack = (name: string): Buffer => gunzipSync(readFileSync(new URL(`traces/${name}`, import.meta.url)));
const trueText = unpack("true.lackey.gz");
const trueMaps = unpack("true.lackey-maps.gz").toString();

/** A layout: a line a segment, as `file 0000110000-0000110fff rw--- x` and so on. */
const layout = (...segments: readonly string[]): ValgrindLayout => parseValgrindLayout(print("startup", segments));
const print = (moment: string, segments: readonly string[]): string =>
  [
    `--7:1: aspacem <<< SHOW_SEGMENTS: Memory layout at client ${moment} (${segments.length} segments)`,
    "--7:1: aspacem 1 segment names in 1 slots",
    "--7:1: aspacem freelist is empty",
    "--7:1: aspacem (1,49,7) /bin/x",
    ...segments.map((segment, index) => `--7:1: aspacem ${String(index).padStart(3)}: ${segment}`),
    "--7:1: aspacem >>>",
    "",
  ].join("\n");
const segments = [
  "RSVN 0000000000-0000107fff 1081344 ----- SmFixed",
  "file 0000108000-0000109fff    8192 r-xT- d=0xfe00 i=260958  o=8192    (1,49)",
  "anon 0004035000-0004035fff    4096 rwx--",
  "     0004835000-0057ffffff   1335m",
  "FILE 0058000000-0058000fff    4096 r---- d=0xfe00 i=341618  o=0       (0,4)",
  "RSVN 1ffe801000-1ffeffefff 8380416 ----- SmUpper",
  "anon 1ffefff000-1fff000fff    8192 rw---",
];

test("a layout is the program's segments, the stack known by the room below it", () => {
  expect(layout(...segments).startup).toEqual([
    { start: 0x108000, end: 0x10a000, prot: 5, file: "/bin/x", offset: 8192, role: "other" },
    { start: 0x4035000, end: 0x4036000, prot: 7, file: undefined, offset: 0, role: "other" },
    { start: 0x1f_feff_f000, end: 0x1f_ff00_1000, prot: 3, file: undefined, offset: 0, role: "stack" },
  ]);
});

test.each<readonly [string, string, number | undefined, string]>([
  ["no layout", "--7:1: main hello\n", 2, "the end of the text"],
  ["a layout without its end", print("startup", segments).replace("--7:1: aspacem >>>", ""), 12, '""'],
  ["a layout at the end alone", print("shutdown", segments), 13, "the end of the text"],
  ["other text inside", print("startup", ["hello"]), 5, '"--7:1: aspacem   0: hello"'],
  [
    "segments that overlap",
    print("startup", [segments[2], segments[1]]),
    6,
    JSON.stringify(`--7:1: aspacem   1: ${segments[1]}`.slice(0, 80)),
  ],
  [
    "parts of pages",
    print("startup", ["anon 0004035000-0004035ffe    4095 rwx--"]),
    5,
    '"--7:1: aspacem   0: anon 0004035000-0004035ffe    4095 rwx--"',
  ],
  [
    "no protection",
    print("startup", ["anon 0004035000-0004035fff    4096"]),
    5,
    '"--7:1: aspacem   0: anon 0004035000-0004035fff    4096"',
  ],
  [
    "a file without an offset",
    print("startup", ["file 0004035000-0004035fff    4096 rw---"]),
    5,
    '"--7:1: aspacem   0: file 0004035000-0004035fff    4096 rw---"',
  ],
])("%s is refused", (_, text, line, found) => {
  let refusal: unknown;
  try {
    parseValgrindLayout(text);
  } catch (reason) {
    refusal = reason;
  }
  expect(refusalOf(refusal)).toMatchObject({ line, found });
});

test("with a layout nothing is inferred, and the stack grows", () => {
  const known = layout(...segments);
  expect(replay(lines(" S 1ffefff000,8", " S 1ffeffefd8,8"), { layout: known }).machine.space.areas.at(-1)).toMatchObject({
    start: 0x1f_feff_e000,
  });
  expect(refused(lines(" S 04036000,8"), { layout: known })).toMatchObject({ line: 1, found: "0x4036000 (unmapped)" });
  expect(refused(lines(" S 00108000,8"), { layout: known })).toMatchObject({ found: "0x108000 (forbidden)" });
  expect(refused(lines(call(10, "sys_mprotect ( 0x900000, 4096, 1 )", "0x0")), { layout: known })).toMatchObject({
    found: "ENOMEM",
  });
});

test("the layout at the end is compared page by page", () => {
  const atExit = [
    segments[1].replace("r-xT-", "r----"),
    "anon 0004035000-0004036fff    8192 rwx--",
    "anon 1ffeffd000-1fff000fff   16384 rw---",
  ];
  const known = parseValgrindLayout(print("startup", segments) + print("shutdown", atExit));
  const { decoder } = replay(lines(" S 1ffeffefd8,8", call(9, "sys_mmap ( 0x0, 4096, 3, 34, -1, 0 )", "0x4835000")), {
    layout: known,
  });
  expect(decoder.layout).toEqual({
    pages: 8,
    untouchedStackPages: 1,
    differences: [
      { start: 0x108000, end: 0x10a000, expected: 1, found: 5 },
      { start: 0x4036000, end: 0x4037000, expected: 7, found: undefined },
      { start: 0x4835000, end: 0x4836000, expected: undefined, found: 3 },
    ],
  });
});

test("a mapping that lies against the stack is none of it", () => {
  const below = "anon 1ffeffe000-1ffeffefff    4096 rw---";
  const known = parseValgrindLayout(
    print("startup", segments) + print("shutdown", [segments[1], segments[2], below, segments[6]]),
  );
  const { decoder } = replay(lines("I  00108000,3"), { layout: known });
  expect(decoder.layout).toMatchObject({ untouchedStackPages: 0, differences: [{ start: 0x1f_feff_e000, end: 0x1f_feff_f000 }] });
});

test("true, as Valgrind traced it, ends with the layout that Valgrind printed", () => {
  const { decoder } = replay(trueText, { machine: new Machine({ frameCount: 4096 }), layout: parseValgrindLayout(trueMaps) });
  expect(decoder.layout).toEqual({ pages: 560, untouchedStackPages: 1, differences: [] });
  expect(decoder.counts).toEqual([
    ["instructions", 105_720],
    ["loads", 23_601],
    ["stores", 9936],
    ["modifications", 1502],
    ["system calls", 38],
    ["other lines", 9],
  ]);
});

/** The text of `true` without the lines that hold this. */
const without = (lost: string): Uint8Array =>
  Buffer.from(trueText.toString("latin1").replaceAll(new RegExp(`^.*${lost}.*\n`, "gm"), ""), "latin1");

test.each(["sys_munmap", "sys_mprotect \\( 0x4a15000"])("the layout at the end tells that a %s was lost", (lost) => {
  const { decoder } = replay(without(lost), {
    machine: new Machine({ frameCount: 4096 }),
    layout: parseValgrindLayout(trueMaps),
  });
  expect(decoder.layout?.differences).toHaveLength(1);
});

test("an access to a mapping whose system call was lost is refused", () => {
  const machine = new Machine({ frameCount: 4096 });
  expect(refused(without("sys_mmap \\( 0x0, 12288"), { machine, layout: parseValgrindLayout(trueMaps) }).found).toContain(
    "unmapped",
  );
});
