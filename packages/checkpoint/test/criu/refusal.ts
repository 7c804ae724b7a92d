// A small image, one of whose files is another: what is said of it.

import { BadImage } from "@pagelapse/checkpoint";
import { treeOf } from "../../src/criu/read-tree.ts";
import { memory, process, written } from "./notation.ts";
import { common, kinds, raw, records } from "./raw.ts";
import type { RawMessage } from "./raw.ts";

/** Its files: one process, private and shared memory. */
export const tiny: ReadonlyMap<string, Uint8Array> = written({
  architecture: "x86-64",
  processes: [process(5, 0, ["1-9 rw-p", "20-24 rw-s #3"], ["1+1 DATA"])],
  shared: [memory("#3", ["0+1 DATA"])],
});

/** Why files are not believed when one of them is another. */
export function refusal(name: string, bytes: Uint8Array | undefined): string {
  try {
    treeOf((asked) => (asked === name ? bytes : tiny.get(asked)));
  } catch (error) {
    if (error instanceof BadImage) return error.message;
    throw error;
  }
  return "believed";
}

/** A file of these messages. */
export const file = (kind: keyof typeof kinds, ...messages: readonly (RawMessage | Uint8Array)[]): Uint8Array =>
  records(
    [common, kinds[kind]],
    messages.map((message) => (message instanceof Uint8Array ? message : raw(message))),
  );
/** A map of pages that stand in pages-1.img. */
export const pagemap = (...entries: readonly RawMessage[]): Uint8Array => file("pagemap", [[1, 1]], ...entries);
/** An entry of a map; `flags`: PE_*. */
export const page = (vaddr: number | bigint, count: number | bigint, ...flags: readonly number[]): RawMessage => [
  [1, vaddr],
  [2, count],
  ...flags.map((value) => [4, value] as const),
];
/** An area as in `tiny`, with some fields another. */
export const vma = (changes: Readonly<Record<number, number | bigint>> = {}): RawMessage =>
  Object.entries({ 1: 0x1000, 2: 0x9000, 3: 0, 4: 0, 5: 3, 6: 0x22, 7: 0x201, 8: 1, ...changes }).map(([number, value]) => [
    Number(number),
    value,
  ]);
/** An address space of these areas. */
export const mm = (...vmas: readonly RawMessage[]): Uint8Array =>
  file("mm", [...Array.from({ length: 12 }, (_, index) => [index + 1, 0] as const), ...vmas.map((one) => [14, one] as const)]);
/** A process of that kind of processor. */
export const core = (mtype: number): Uint8Array => file("core", [[1, mtype]]);
/** Processes by pid and parent's pid. */
export const pstree = (...entries: readonly (readonly [number, number])[]): Uint8Array =>
  file(
    "pstree",
    ...entries.map(([pid, ppid]): RawMessage => [
      [1, pid],
      [2, ppid],
      [3, pid],
      [4, pid],
    ]),
  );
const fown: RawMessage = [1, 2, 3, 4, 5].map((number) => [number, 0]);
/** A regular file. */
export const reg = (id: number, name: string | Uint8Array): RawMessage => [
  [1, id],
  [2, 0],
  [3, 0],
  [5, fown],
  [6, name],
];
