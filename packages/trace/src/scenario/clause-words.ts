// Words that say how: protections, what an area maps and where it begins, claims, outcomes.

import { PROT_EXEC, PROT_READ, PROT_WRITE } from "@pagelapse/vma";
import { address, bytes, capital, filePage, pageLimit, range } from "./place-words.ts";
import type { Backing, Claim, ExpectedOutcome, PageProperty, Where } from "./scenario.ts";
import { integer, oneOf } from "./word.ts";
import type { Word } from "./word.ts";

/** PROT_* as `rw`, `r`, `none`. */
export const protection: Word<number> = {
  read(cursor) {
    const expected = "a protection: r, w and x in this order, or none";
    if (cursor.skip("none")) return 0;
    const { parts } = cursor.match(expected, /^(?=.)(r?)(w?)(x?)$/);
    return (parts[0] ? PROT_READ : 0) | (parts[1] ? PROT_WRITE : 0) | (parts[2] ? PROT_EXEC : 0);
  },
  write(prot) {
    if (prot === 0) return "none";
    return `${prot & PROT_READ ? "r" : ""}${prot & PROT_WRITE ? "w" : ""}${prot & PROT_EXEC ? "x" : ""}`;
  },
};

const backingKind = oneOf("anon", "anon-shared", "stack", "file-private", "file-shared");

/** `anon`, `file-shared f@0`, ... */
export const backing: Word<Backing> = {
  read(cursor) {
    const kind = backingKind.read(cursor);
    if (kind === "file-private" || kind === "file-shared") return { kind, from: filePage.read(cursor) };
    return { kind };
  },
  write: (value) => ("from" in value ? `${value.kind} ${filePage.write(value.from)}` : value.kind),
};

/** Nothing, `at 0x7000`, or `after A` */
export const where: Word<Where> = {
  read(cursor) {
    if (cursor.skip("after")) return { kind: "after", area: capital("an area").read(cursor) };
    if (!cursor.skip("at")) return { kind: "anywhere" };
    const expected = "an address below 2^53, as 0x10000000";
    const vaddr = /^0x[0-9a-fA-F]{1,16}$/.test(cursor.ahead ?? "") ? Number(cursor.ahead) : NaN;
    if (!Number.isSafeInteger(vaddr)) throw cursor.refuse(expected);
    cursor.take(expected);
    return { kind: "at", vaddr };
  },
  write(value) {
    if (value.kind === "anywhere") return "";
    return value.kind === "at" ? `at 0x${value.vaddr.toString(16)}` : `after ${value.area.text}`;
  },
};

const property = oneOf<PageProperty>("mapped", "present", "swapped", "large", "dirty", "soft-dirty", "write-protected", "logged");

/** `A.0 == 2`, `f@0 == 2`, `A.0 dirty`, `A.0 not dirty` */
export const claim: Word<Claim> = {
  read(cursor) {
    if ((cursor.ahead ?? "").includes("@")) {
      const of = filePage.read(cursor);
      if (!cursor.skip("==")) throw cursor.refuse("==");
      return { kind: "bytes", of, bytes: bytes.read(cursor) };
    }
    const of = address.read(cursor);
    if (cursor.skip("==")) return { kind: "bytes", of, bytes: bytes.read(cursor) };
    const answer = cursor.skip("not") ? "is not" : "is";
    return { kind: "property", of, answer, property: property.read(cursor) };
  },
  write(value) {
    if (value.kind === "property")
      return `${address.write(value.of)}${value.answer === "is" ? "" : " not"} ${property.write(value.property)}`;
    const subject = "file" in value.of ? filePage.write(value.of) : address.write(value.of);
    return `${subject} == ${bytes.write(value.bytes)}`;
  },
};

const outcomeKind = oneOf("holds", "loses", "resurrects", "corrupts", "fails", "saves");
const checkpointName = capital("a checkpoint");
const savedPages = integer("pages saved", 0, pageLimit);

/** `holds`, `loses A.0 at K1`, `resurrects A.0 at K1`, `corrupts A.0`, `fails at K1`, `saves 2 at K1` */
export const outcome: Word<ExpectedOutcome> = {
  read(cursor) {
    const kind = outcomeKind.read(cursor);
    if (kind === "holds") return { kind };
    if (kind === "corrupts") return { kind, range: range.read(cursor) };
    const pageCount = kind === "saves" ? savedPages.read(cursor) : 0;
    const pages = kind === "fails" || kind === "saves" ? undefined : range.read(cursor);
    if (!cursor.skip("at")) throw cursor.refuse("at");
    const checkpoint = checkpointName.read(cursor);
    if (kind === "saves") return { kind, pageCount, checkpoint };
    return kind === "fails" || pages === undefined ? { kind: "fails", checkpoint } : { kind, range: pages, checkpoint };
  },
  write(value) {
    const pages = "range" in value ? ` ${range.write(value.range)}` : value.kind === "saves" ? ` ${value.pageCount}` : "";
    return `${value.kind}${pages}${"checkpoint" in value ? ` at ${value.checkpoint.text}` : ""}`;
  },
};
