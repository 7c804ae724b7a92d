// Random scenarios in a tiny world, for text alone and for running.

import type { Line, Scenario, Statement, StatementFields } from "@pagelapse/trace";
import { faultPlans } from "@pagelapse/trace/testing";
import fc from "fast-check";

const place = { line: 0, column: 0 };

/** Names, pages and numbers of which so few are used that lines meet. */
interface World {
  readonly names: readonly string[];
  readonly pins: readonly string[];
  readonly lastPage: number;
  readonly numbers: fc.Arbitrary<number>;
}

const few: World = { names: ["A", "B"], pins: ["P"], lastPage: 1, numbers: fc.nat(3) };
const many: World = { names: ["A", "B", "K0", "HEAP", "X9Z"], pins: ["P", "Q"], lastPage: 2 ** 20 - 1, numbers: fc.nat(255) };

type Fields = { readonly [Verb in keyof StatementFields]: fc.Arbitrary<StatementFields[Verb]> };

function fieldsIn({ names, pins, lastPage, numbers }: World): Fields {
  const name = fc.constantFrom(...names).map((text) => ({ text, place }));
  const checkpoint = fc.constantFrom("K0", "K1", "L0").map((text) => ({ text, place }));
  const pin = fc.constantFrom(...pins).map((text) => ({ text, place }));
  const page = fc.nat(lastPage);
  const offset = fc.constantFrom(0, 0, 1, 4095);
  const address = fc.record({ area: name, page, offset });
  const range = fc.record({
    area: name,
    pages: fc.option(
      fc.tuple(page, page).map(([one, two]) => ({ first: Math.min(one, two), last: Math.max(one, two) })),
      { nil: undefined },
    ),
  });
  const bytes = fc.array(numbers, { minLength: 1, maxLength: 3 });
  const file = fc.constantFrom("f", "g2");
  const filePage = fc.record({ file, page, place: fc.constant(place) });
  const prot = fc.constantFrom(3, 3, 3, 0, 1, 5);
  const where = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: "anywhere" as const }) },
    fc.record({ kind: fc.constant("at" as const), vaddr: fc.constantFrom(0x1000_0000, 0x1000_1000, 0x7fff_0000) }),
    fc.record({ kind: fc.constant("after" as const), area: name }),
  );
  const ofRange = fc.record({ range });
  const ofAddress = fc.record({ address });
  const stored = fc.record({ address, bytes });
  const pid = fc.constantFrom(1, 7, 9);
  const tracker = fc.option(
    fc.constantFrom("T", "U").map((text) => ({ text, place })),
    { nil: undefined },
  );
  const maybe = (least: number, most: number): fc.Arbitrary<number | undefined> =>
    fc.option(fc.integer({ min: least, max: most }), { nil: undefined });
  return {
    machine: fc.record({
      setup: fc.record({
        architecture: fc.constantFrom("x86-64" as const, "i386" as const, "sv39" as const),
        processors: maybe(1, 64),
        tlb: fc.option(fc.record({ sets: fc.constantFrom(0, 1, 64, 65_536), ways: fc.integer({ min: 1, max: 16 }) }), {
          nil: undefined,
        }),
        ram: maybe(16, 2 ** 19),
        swap: maybe(0, 2 ** 19),
        kernel: fc.constantFrom("2.6" as const, "5.10" as const, "6.18" as const, undefined),
      }),
    }),
    file: fc.record({ at: filePage, bytes }),
    map: fc.record({
      name,
      pageCount: fc.integer({ min: 1, max: lastPage + 1 }),
      prot,
      backing: fc.oneof(
        fc.record({ kind: fc.constantFrom("anon" as const, "anon-shared" as const, "stack" as const) }),
        fc.record({ kind: fc.constantFrom("file-private" as const, "file-shared" as const), from: filePage }),
      ),
      where,
    }),
    unmap: ofRange,
    protect: fc.record({ range, prot }),
    move: fc.record({ range, to: name, where }),
    dontneed: ofRange,
    free: ofRange,
    dontfork: ofRange,
    dofork: ofRange,
    wipeonfork: ofRange,
    keeponfork: ofRange,
    dontdump: ofRange,
    dodump: ofRange,
    brk: fc.record({ pages: fc.constantFrom(1, 2, -1) }),
    msync: ofRange,
    writeback: fc.record({ file }),
    w: stored,
    r: ofAddress,
    kw: stored,
    pin: fc.record({ pin, address }),
    unpin: fc.record({ pin }),
    dev: fc.record({ at: fc.record({ pin, offset }), bytes }),
    fork: fc.record({ pid }),
    exit: fc.constant({}),
    switch: fc.record({ pid }),
    swapout: ofAddress,
    migrate: ofAddress,
    collapse: ofAddress,
    split: ofAddress,
    "clear-refs": fc.constant({}),
    wp: fc.record({ range, mode: fc.constantFrom("on" as const, "off" as const) }),
    log: fc.record({ what: fc.constantFrom("take" as const, 1, 8) }),
    flush: fc.record({ what: fc.oneof(fc.constantFrom("space" as const, "processor" as const), address) }),
    fault: fc.record({ plan: faultPlans }),
    checkpoint: fc.record({ name: checkpoint, tracker }),
    collect: fc.record({ name: checkpoint, tracker }),
    clear: fc.record({ name: checkpoint }),
    copy: fc.record({ name: checkpoint }),
    commit: fc.record({ name: checkpoint }),
    assert: fc.record({
      claim: fc.oneof(
        fc.record({ kind: fc.constant("bytes" as const), of: fc.oneof(address, filePage), bytes }),
        fc.record({
          kind: fc.constant("property" as const),
          of: address,
          answer: fc.constantFrom("is" as const, "is not" as const),
          property: fc.constantFrom("dirty" as const, "soft-dirty" as const, "mapped" as const, "logged" as const),
        }),
      ),
    }),
    expect: fc.record({
      strategy: fc.constantFrom("dirty-bit", "report-basic").map((text) => ({ text, place })),
      outcome: fc.oneof(
        fc.constant({ kind: "holds" as const }),
        fc.record({ kind: fc.constant("saves" as const), pageCount: fc.nat(9), checkpoint }),
        fc.record({ kind: fc.constantFrom("loses" as const, "resurrects" as const), range, checkpoint }),
        fc.record({ kind: fc.constant("corrupts" as const), range }),
        fc.record({ kind: fc.constant("fails" as const), checkpoint }),
      ),
    }),
  };
}

function statement(
  fields: Fields,
  verb: keyof StatementFields,
  circumstances: fc.Arbitrary<Pick<Statement, "processor" | "flush" | "failure">>,
): fc.Arbitrary<Statement> {
  const own: fc.Arbitrary<object> = fields[verb];
  return fc.tuple(own, circumstances).map(([field, around]) => ({ verb, ...field, place, ...around }) as Statement);
}

const plain = fc.constant({ processor: undefined, flush: "told" as const, failure: undefined });
const anyCircumstances = fc.record({
  processor: fc.constantFrom(undefined, undefined, 0, 1, 63),
  flush: fc.constantFrom("told" as const, "told" as const, "omitted" as const),
  failure: fc.constantFrom(undefined, undefined, "ENOMEM", "SIGSEGV", "EBUSY"),
});

const comment = fc.option(
  fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, "").trimEnd()),
  { nil: undefined, freq: 2 },
);

/** The verbs, and how they may be surrounded: a machine only comes first. */
const inText = fieldsIn(many);
const aboutTheRun: readonly (keyof StatementFields)[] = ["fault", "checkpoint", "collect", "clear", "copy", "commit", "expect"];
const commands = (Object.keys(inText) as (keyof StatementFields)[]).filter(
  (verb) => !aboutTheRun.includes(verb) && verb !== "machine" && verb !== "assert",
);
const anyLine: fc.Arbitrary<Line> = fc.record({
  statement: fc.oneof(
    fc.constant(undefined),
    ...commands.map((verb) => statement(inText, verb, anyCircumstances)),
    ...aboutTheRun.map((verb) => statement(inText, verb, plain)),
    statement(
      inText,
      "assert",
      fc.record({
        processor: fc.constantFrom(undefined, 1),
        flush: fc.constant("told" as const),
        failure: fc.constant(undefined),
      }),
    ),
  ),
  comment,
});

/** Scenarios that can be read, whether or not they can be run. */
export const texts: fc.Arbitrary<Scenario> = fc
  .tuple(
    fc.option(fc.record({ statement: statement(inText, "machine", plain), comment }), { nil: undefined }),
    fc.array(anyLine, { maxLength: 20, size: "max" }),
  )
  .map(([first, rest]) => ({ lines: first === undefined ? rest : [first, ...rest] }));

/** What happens in a history, and how often. Checkpoints are put in by who runs it. */
const inRun = fieldsIn(few);
const weights: readonly (readonly [keyof StatementFields, number])[] = [
  ["map", 6],
  ["w", 14],
  ["r", 4],
  ["kw", 1],
  ["unmap", 2],
  ["protect", 2],
  ["move", 2],
  ["dontneed", 2],
  ["free", 3],
  ["brk", 1],
  ["msync", 1],
  ["writeback", 2],
  ["pin", 5],
  ["unpin", 1],
  ["dev", 5],
  ["fork", 2],
  ["exit", 1],
  ["switch", 2],
  ["swapout", 6],
  ["migrate", 4],
  ["clear-refs", 1],
  ["wp", 1],
  ["log", 1],
  ["flush", 1],
  ["wipeonfork", 1],
  ["dontfork", 1],
  ["file", 1],
];
const anywhere = { kind: "anywhere" } as const;
const begin = ["file", "file", "map", "map", "w", "w"] as const;
const onTwo = fc.record({
  processor: fc.constantFrom(undefined, undefined, 1),
  flush: fc.constant("told" as const),
  failure: fc.constant(undefined),
});

/** Histories of two processors and one or two processes, with checkpoints. Lines may ask for what cannot be. */
export const histories: fc.Arbitrary<readonly Statement[]> = fc
  .tuple(
    fc.tuple(...begin.map((verb) => statement(inRun, verb, plain))),
    fc.array(
      fc.oneof(...weights.map(([verb, weight]) => ({ weight, arbitrary: statement(inRun, verb, onTwo) })), {
        weight: 8,
        arbitrary: statement(inRun, "checkpoint", plain),
      }),
      { minLength: 4, maxLength: 30, size: "max" },
    ),
  )
  .map(([first, rest]) =>
    [...first, ...rest].map((each, index) => {
      if (each.verb === "checkpoint") return { ...each, name: { text: `K${index}`, place }, tracker: undefined };
      // Both areas are there at the beginning, so that what follows mostly can be.
      return each.verb === "map" && index < begin.length
        ? { ...each, name: { text: index === 2 ? "A" : "B", place }, where: anywhere }
        : each;
    }),
  );
