// The grammar of scenarios: a line for each verb, from which text is both read and written.

import { backing, claim, outcome, protection, where } from "./clause-words.ts";
import { faultWord } from "./fault-word.ts";
import { machineWord } from "./machine-word.ts";
import {
  address,
  bytes,
  capital,
  filePage,
  fileWord,
  pageBytes,
  pageLimit,
  pinPlace,
  range,
  strategyWord,
} from "./place-words.ts";
import type { Address, StatementFields } from "./scenario.ts";
import { after, integer, oneOf, perhaps } from "./word.ts";
import type { Word } from "./word.ts";

const pid = integer("a pid", 1, 4_194_304);
const checkpoint = capital("a checkpoint");
const byTracker = perhaps("by", capital("a tracker"));
const toArea = after("to", capital("an area"));

/** `+2` or `-1` pages. */
const change: Word<number> = {
  read: (cursor) => Number(cursor.match("pages more or less, as +2 or -1", /^([+-][1-9]\d{0,6})$/).parts[0]),
  write: (pages) => (pages < 0 ? String(pages) : `+${pages}`),
};

const logWord: Word<"take" | number> = {
  read: (cursor) => (cursor.skip("take") ? "take" : integer("take, or room for so many pages", 1, pageLimit).read(cursor)),
  write: String,
};

const flushWord: Word<"space" | "processor" | Address> = {
  read(cursor) {
    if (cursor.ahead === "space" || cursor.ahead === "processor") return oneOf("space", "processor").read(cursor);
    return address.read(cursor);
  },
  write: (what) => (typeof what === "string" ? what : address.write(what)),
};

/** A word for each field. */
export type Grammar = {
  readonly [Verb in keyof StatementFields]: {
    readonly [Field in keyof StatementFields[Verb]]: Word<StatementFields[Verb][Field]>;
  };
};

/** Fields stand in a line as they stand here. */
export const grammar: Grammar = {
  machine: { setup: machineWord },
  file: { at: filePage, bytes: pageBytes },
  map: {
    name: capital("an area"),
    pageCount: integer("pages", 1, pageLimit),
    prot: protection,
    backing,
    where,
  },
  unmap: { range },
  protect: { range, prot: protection },
  move: { range, to: toArea, where },
  dontneed: { range },
  free: { range },
  dontfork: { range },
  dofork: { range },
  wipeonfork: { range },
  keeponfork: { range },
  dontdump: { range },
  dodump: { range },
  brk: { pages: change },
  msync: { range },
  writeback: { file: fileWord },
  w: { address, bytes },
  r: { address },
  kw: { address, bytes },
  pin: { pin: capital("a pin"), address },
  unpin: { pin: capital("a pin") },
  dev: { at: pinPlace, bytes },
  fork: { pid },
  exit: {},
  switch: { pid },
  swapout: { address },
  migrate: { address },
  collapse: { address },
  split: { address },
  "clear-refs": {},
  wp: { range, mode: oneOf("on", "off") },
  log: { what: logWord },
  flush: { what: flushWord },
  fault: { plan: faultWord },
  checkpoint: { name: checkpoint, tracker: byTracker },
  collect: { name: checkpoint, tracker: byTracker },
  clear: { name: checkpoint },
  copy: { name: checkpoint },
  commit: { name: checkpoint },
  assert: { claim },
  expect: { strategy: strategyWord, outcome },
};

/** The verbs in the order of the grammar. */
export const verbs: readonly (keyof Grammar)[] = Object.keys(grammar) as (keyof Grammar)[];

const aboutTheRun: ReadonlySet<keyof Grammar> = new Set([
  "machine",
  "fault",
  "checkpoint",
  "collect",
  "clear",
  "copy",
  "commit",
  "assert",
  "expect",
]);

/** Whether a statement is a command to the machine: then a processor, `noflush` and `fails` may stand with it. */
export function isCommand(verb: keyof Grammar): boolean {
  return !aboutTheRun.has(verb);
}
