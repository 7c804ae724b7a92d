// Text from outside: nothing that a terminal would obey comes through.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fold } from "../src/paragraph.ts";
import { printable, quote, toJsonText } from "../src/printable.ts";

/** Texts thick with what is dangerous. */
const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\u001b", "\n", "\r", "\t", "\u0000", "\u009b", "\u2028", "\u202e", "\ufeff", " "),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
  size: "max",
  maxLength: 40,
});

test("no control character, line separator or change of direction is left", () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const shown of [printable(text), quote(text), toJsonText(text)])
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/u);
    }),
  );
});

test("JSON stays JSON, and the same", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(JSON.parse(toJsonText({ text }))).toEqual({ text });
    }),
  );
});

test("what is harmless is left alone, and what is not can be recognised", () => {
  expect(printable("/usr/lib/naïve — 名.so")).toBe("/usr/lib/naïve — 名.so");
  expect(printable("a\tb\n\u001b[2J\u0001\u202e")).toBe("a\\tb\\n\\e[2J\\x01\\u202e");
});

test("folding loses no word, and no line is too long but for a word that is", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 30, size: "max" }), (words) => {
      const lines = fold(words.join(" "), 16, "  ");
      expect(lines.flatMap((line) => line.trim().split(" "))).toEqual(words);
      expect(lines.filter((line) => line.length > 16)).toEqual([]);
      expect(lines.slice(1).every((line) => line.startsWith("  "))).toBe(true);
    }),
  );
});
