import { BadScenario, parseScenario, printScenario } from "@pagelapse/trace";
import type { Scenario } from "@pagelapse/trace";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verbs } from "../src/scenario/grammar.ts";
import { texts } from "./scenario-generator.ts";

/** A scenario as it is but for where its words stand. */
function withoutPlaces(scenario: Scenario): unknown {
  return JSON.parse(JSON.stringify(scenario, (key, value: unknown) => (key === "place" ? undefined : (value ?? null))));
}

test("what is printed and read again is the scenario, and prints the same; every verb is among them", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(texts, (scenario) => {
      const text = printScenario(scenario);
      const read = parseScenario(text);
      expect(withoutPlaces(read)).toEqual(withoutPlaces(scenario));
      expect(printScenario(read)).toBe(text);
      for (const { statement } of scenario.lines) if (statement !== undefined) met.add(statement.verb);
    }),
    { numRuns: 400 },
  );
  expect([...met].toSorted()).toEqual(verbs.toSorted());
});

test("places are those of the text, whatever the blanks", () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(" ", "\t", "   "), (scenario, blanks) => {
      const lines = printScenario(scenario).split("\n");
      const spread = lines.map((line) => {
        const [code, ...rest] = line.split("#");
        return [blanks + code.replaceAll(" ", blanks), ...rest].join("#");
      });
      const read = parseScenario(spread.join("\r\n"));
      expect(printScenario(read).trimEnd()).toBe(lines.join("\n").trimEnd());
      read.lines.forEach(({ statement }, index) => {
        if (statement === undefined) return;
        expect(statement.place).toEqual({ line: index + 1, column: blanks.length + 1 });
        const named = "name" in statement ? statement.name : "pin" in statement ? statement.pin : undefined;
        if (named !== undefined)
          expect(spread[index].slice(named.place.column - 1)).toMatch(new RegExp(`^${named.text}(?![A-Z0-9])`));
      });
    }),
    { numRuns: 60 },
  );
});

describe("what a person writes becomes canonical text", () => {
  test.each([
    ["  w   A.0\t1", "w A.0 1"],
    ["w A.0 0x01", "w A.0 1"],
    ["w A.0+0 0x0AfF", "w A.0 0x0aff"],
    ["w A.007 007", "w A.7 7"],
    ["r A.-0", "r A.0"],
    ["unmap A.1-2", "unmap A.1-2"],
    ["r S.-1", "r S.-1"],
    ["dontneed S.-2--1", "dontneed S.-2--1"],
    ["map A 4 rwx anon", "map A 4 rwx anon"],
    ["map A 4 none anon at 0x0010000000", "map A 4 none anon at 0x10000000"],
    ["map B 1 r file-private f@2 after A", "map B 1 r file-private f@2 after A"],
    ["machine i386 kernel 2.6 tlb 0x1 processors 2", "machine i386 processors 2 tlb 0x1 kernel 2.6"],
    ["1:  w A.0 1   noflush  fails ENOMEM", "1: w A.0 1 noflush fails ENOMEM"],
    ["   # said so   ", "# said so"],
    ["r A.0# right behind", "r A.0  # right behind"],
    ["r A.0 ##", "r A.0  ##"],
    ["", ""],
    ["assert f@0 == 2", "assert f@0 == 2"],
    ["assert A.0 not soft-dirty", "assert A.0 not soft-dirty"],
    ["expect dirty-bit loses A.0-3 at K1", "expect dirty-bit loses A.0-3 at K1"],
    ["expect report-as-printed fails at K0", "expect report-as-printed fails at K0"],
    ["expect dirty-bit saves 2 at K1", "expect dirty-bit saves 2 at K1"],
    ["move A.0-1 to B at 0x000A0000", "move A.0-1 to B at 0xa0000"],
    ["fault  3   ENOSPC", "fault 3 ENOSPC"],
    ["fault 1.. short 100;9 EIO done  # twice", "fault 1.. short 100; 9 EIO done  # twice"],
    ["fault none", "fault none"],
  ])("%j: %j", (text, canonical) => {
    expect(printScenario(parseScenario(`${text}\n`))).toBe(`${canonical}\n`);
  });
});

const command = `a command (${verbs.join(", ")})`;
const page = "a byte of a page, as A.0 or A.0+8";
const value = "a byte (0 to 255), or up to 4096 of them as 0x and two digits each";
const end = "the end of the line";

describe("an error says where, what was expected and what was found", () => {
  test.each<readonly [text: string, place: string, expected: string, found: string]>([
    ["jump", "1:1", command, '"jump"'],
    ["# so\n\n  jump", "3:3", command, '"jump"'],
    ["1:", "1:3", command, end],
    ["1:w A.0 1", "1:1", "a processor, as 1:, and a blank", '"1:w"'],
    ["100: r A.0", "1:1", "a processor, as 1:, and a blank", '"100:"'],
    ["1: checkpoint K0", "1:1", "no processor before checkpoint", '"1:"'],
    ["w", "1:2", page, end],
    ["w  # and no more", "1:2", page, end],
    ["w A", "1:3", page, '"A"'],
    ["w a.0 1", "1:3", page, '"a.0"'],
    ["w A.0+4096 1", "1:3", page, '"A.0+4096"'],
    ["w A.0", "1:6", value, end],
    ["w A.0 256", "1:7", value, '"256"'],
    ["w A.0 0x123", "1:7", value, '"0x123"'],
    ["w A.0 -1", "1:7", value, '"-1"'],
    ["w A.0 1 2", "1:9", end, '"2"'],
    ["w A.0 1 noflush noflush", "1:17", end, '"noflush"'],
    ["w A.0 1 fails never", "1:15", "an errno or SIGSEGV", '"never"'],
    ["assert A.0 dirty noflush", "1:18", end, '"noflush"'],
    ["unmap A.2-1", "1:7", "pages of an area, as A, A.0 or A.0-2, the last page last", '"A.2-1"'],
    ["protect A wr", "1:11", "a protection: r, w and x in this order, or none", '"wr"'],
    ["map A 0 rw anon", "1:7", "pages (1 to 1048576)", '"0"'],
    ["map A 1 rw heap", "1:12", "anon, anon-shared, stack, file-private, file-shared", '"heap"'],
    ["map A 1 rw file-shared f", "1:24", "a page of a file, as f@0", '"f"'],
    ["map A 1 rw anon at 4096", "1:20", "an address below 2^53, as 0x10000000", '"4096"'],
    ["map A 1 rw anon at 0x20000000000000", "1:20", "an address below 2^53, as 0x10000000", '"0x20000000000000"'],
    ["map A 1 rw anon after b", "1:23", "an area, named in capitals", '"b"'],
    ["move A B", "1:8", "to", '"B"'],
    ["brk 2", "1:5", "pages more or less, as +2 or -1", '"2"'],
    ["file f@0", "1:9", "a byte for each page (0 to 255)", end],
    ["file F@0 1", "1:6", "a page of a file, as f@0", '"F@0"'],
    ["writeback F", "1:11", "a file, named in small letters", '"F"'],
    ["fork 0", "1:6", "a pid (1 to 4194304)", '"0"'],
    ["fault 3", "1:7", "faults of the store, as 2 ENOSPC, 1.. short 100 or none", '"3"'],
    ["fault", "1:6", "faults of the store, as 2 ENOSPC, 1.. short 100 or none", end],
    ["fault 1 EIO lost", "1:7", "faults of the store, as 2 ENOSPC, 1.. short 100 or none", '"1"'],
    ["log 0", "1:5", "take, or room for so many pages (1 to 1048576)", '"0"'],
    ["flush all", "1:7", page, '"all"'],
    ["dev p 1", "1:5", "a pinned page, as P or P+8", '"p"'],
    ["checkpoint k", "1:12", "a checkpoint, named in capitals", '"k"'],
    ["checkpoint K0 by", "1:17", "a tracker, named in capitals", end],
    ["wp A", "1:5", "on, off", end],
    ["assert A.0 wet", "1:12", "mapped, present, swapped, large, dirty, soft-dirty, write-protected, logged", '"wet"'],
    ["assert f@0 = 1", "1:12", "==", '"="'],
    ["expect K0 holds", "1:8", "a strategy's name", '"K0"'],
    ["expect dirty-bit wins", "1:18", "holds, loses, resurrects, corrupts, fails, saves", '"wins"'],
    ["expect dirty-bit loses A.0", "1:27", "at", end],
    ["machine arm", "1:9", "i386, i386-pae, x86-64, x86-64-la57, sv39", '"arm"'],
    ["machine i386 processors 65", "1:25", "processors (1 to 64)", '"65"'],
    ["machine i386 tlb 3x4", "1:18", "a TLB as sets x ways: 0 or a power of two up to 65536, and 1 to 16, as 64x4", '"3x4"'],
    ["machine i386 ram 15", "1:18", "frames of RAM (16 to 524288)", '"15"'],
    ["machine i386 ram 64 ram 64", "1:21", "ram once", '"ram"'],
    ["machine i386 disk 1", "1:14", end, '"disk"'],
    ["r A.0\nmachine i386", "2:1", "the machine before all else", '"machine" further down'],
  ])("%j", (text, place, expected, found) => {
    const error = refusalOf(text);
    expect([`${error.line}:${error.column}`, error.expected, error.found]).toEqual([place, expected, found]);
    expect(error.message).toBe(`line ${error.line}, column ${error.column}: expected ${expected}, found ${found}`);
  });
});

function refusalOf(text: string): BadScenario {
  try {
    parseScenario(text);
  } catch (reason) {
    if (reason instanceof BadScenario) return reason;
    throw reason;
  }
  throw new Error(`${JSON.stringify(text)} was read`);
}

test("whatever the text, it is read or refused", () => {
  const word = fc.constantFrom(
    ...verbs,
    "A",
    "A.0",
    "K0",
    "1",
    "0x01",
    "1:",
    "rw",
    "anon",
    "f@0",
    "noflush",
    "fails",
    "to",
    "by",
    "at",
    "#",
    "==",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 6 })), { maxLength: 8 }), (words) => {
      const text = words.join(" ");
      try {
        const canonical = printScenario(parseScenario(text));
        expect(printScenario(parseScenario(canonical))).toBe(canonical);
      } catch (reason) {
        expect(reason).toBeInstanceOf(BadScenario);
      }
    }),
    { numRuns: 1000 },
  );
});
