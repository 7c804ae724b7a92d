// A model of a recorded program: pages in a map. It writes the stream of what it does, FINAL and all, as it does it.

import fc from "fast-check";
import * as say from "./stream.ts";

/** One thing that a program does. Numbers choose among what there is at that moment. */
export interface Step {
  readonly verb: (typeof verbs)[number];
  readonly numbers: readonly [number, number, number, number];
}

const verbs = [
  "map",
  "store",
  "store",
  "kernel-write",
  "unmap",
  "protect",
  "zero",
  "move",
  "break-up",
  "break-down",
  "grow-stack",
  "load",
  "system-call",
] as const;

/** A history of a program. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ verb: fc.constantFrom(...verbs), numbers: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()) }),
  { size: "max", maxLength: 60 },
);

interface Page {
  readonly prot: number;
  /** `undefined`: nobody knows them. */
  readonly bytes: Uint8Array | undefined;
  /** What madvise brings back. */
  readonly untouched: Uint8Array | undefined;
}

const pageBytes = 4096;
/** Where things are: mappings in a few pages, the break, and the stack, which grows down. */
const arena = 0x1000_0000;
const arenaPages = 8;
const breakStart = 0x2000_0000;
const breakPages = 5;
const stackTop = 0x1f_ff00_1000;

/** What a program has done so far. */
export class Program {
  readonly records: Uint8Array[] = [];
  /** What happened that is worth having been met. */
  readonly met: string[] = [];
  readonly #pages: Map<number, Page> = new Map();
  #break = breakStart;

  constructor() {
    this.#map(breakStart, say.pages(1, 0), { prot: 7 }, "start");
    this.#map(stackTop - 2 * pageBytes, new Uint8Array([...say.pages(1, 0), ...say.pages(1, 0xee)]), {}, "start");
    this.#map(arena, say.pages(2, 0x11), { file: "/bin/program" }, "start");
  }

  /** The stream of all this. */
  stream(): Uint8Array {
    const finals = this.sorted().map(([address, { prot, bytes }]) =>
      say.final(address, (prot & 2) === 0 || bytes === undefined ? pageBytes : bytes, { prot: prot & 7 }),
    );
    return say.stream(...this.records, ...finals);
  }

  /** Its pages by address. */
  sorted(): readonly (readonly [number, Page])[] {
    return [...this.#pages].toSorted(([a], [b]) => a - b);
  }

  perform({ verb, numbers: [a, b, c, d] }: Step): void {
    switch (verb) {
      case "map": {
        const count = 1 + (b % 3);
        const address = arena + (a % (arenaPages - count + 1)) * pageBytes;
        const kind = c % 4;
        if (kind === 0) this.#map(address, count * pageBytes, { prot: [3, 3, 1, 7][d % 4] }, "map");
        else if (kind === 1) this.#map(address, count * pageBytes, { prot: [1, 5][d % 2], file: "/lib/unknown" }, "map");
        else
          this.#map(
            address,
            patterned(count * pageBytes - (d % 3) * 100, d % 5),
            kind === 2 ? { file: "/lib/known", offset: (d % 3) * pageBytes } : {},
            "map",
          );
        return;
      }
      case "store":
        return this.#write(a, b, 1 + (c % 64), d, (address, bytes) => say.store(address, ...bytes), "stored");
      case "kernel-write":
        return this.#write(a, b, 1 + (c % 9000), d, say.kernelWrite, "kernel-wrote");
      case "unmap":
        return this.#onArena(a, b, (address, count) => {
          this.records.push(say.unmap(address, count * pageBytes - (c % 2)));
          this.#eachPage(address, count, (page) => this.#pages.delete(page));
        });
      case "protect":
        return this.#onArena(a, b, (address, count) => this.#protect(address, count, [1, 3, 7, 4, 0, 3][c % 6], d));
      case "zero":
        return this.#onArena(a, b, (address, count) => {
          this.records.push(say.zero(address, count * pageBytes));
          this.#change(address, count, (page) => ({ ...page, bytes: page.untouched?.slice() }));
          this.met.push("zeroed");
        });
      case "move":
        return this.#onArena(a, b, (address, count) =>
          this.#move(address, count, arena + (c % (arenaPages - count + 1)) * pageBytes),
        );
      case "break-up":
        return this.#moveBreak(this.#break + 1 + (a % (b % 2 === 0 ? 300 : 9000)));
      case "break-down":
        return this.#moveBreak(this.#break - (a % (b % 2 === 0 ? 300 : 9000)));
      case "grow-stack": {
        const lowest = this.sorted().find(([address]) => address > stackTop - 0x100_0000)?.[0] ?? stackTop;
        const address = lowest - 1 - (a % 9000);
        if (address < stackTop - 8 * pageBytes) return;
        for (let page = start(address); page < lowest; page += pageBytes)
          this.#pages.set(page, { prot: 3, bytes: say.pages(1, 0), untouched: say.pages(1, 0) });
        this.records.push(say.store(address, b % 256));
        this.#put(address, Uint8Array.of(b % 256));
        this.met.push("stack-grew");
        return;
      }
      case "load": {
        const readable = this.sorted().filter(([, { prot }]) => prot !== 0);
        const [address] = readable[a % readable.length];
        this.records.push(say.pc(b % 2 ** 40), say.load(address + (c % 4000), 1 + (d % 90)));
        return;
      }
      case "system-call":
        this.records.push(say.systemCall(a % 400, 1 + (b % 3), c - d, a, b));
    }
  }

  #map(address: number, content: Uint8Array | number, mapping: say.Mapping, how: "map" | "start"): void {
    this.records.push(how === "map" ? say.map(address, content, mapping) : say.start(address, content, mapping));
    const byteCount = typeof content === "number" ? content : content.length;
    for (let done = 0; done < byteCount; done += pageBytes) {
      const page = say.pages(1, 0);
      if (typeof content !== "number") page.set(content.subarray(done, done + pageBytes));
      const bytes = typeof content === "number" && mapping.file !== undefined ? undefined : page;
      const untouched = mapping.file === undefined ? say.pages(1, 0) : bytes?.slice();
      this.#pages.set(address + done, { prot: mapping.prot ?? 3, bytes, untouched });
    }
    this.met.push(`mapped ${mapping.file ?? "anonymous"} ${typeof content}`);
  }

  #protect(address: number, count: number, prot: number, d: number): void {
    this.records.push(
      d % 2 === 0
        ? say.protect(address, count * pageBytes, prot)
        : say.protect(address + 0x519, count * pageBytes - 0x519 - 100, prot),
    );
    this.#change(address, count, (page) => ({ ...page, prot }));
    if ((prot & 2) === 0) return;
    this.#eachPage(address, count, (place) => {
      const page = this.#pages.get(place);
      if (page === undefined || page.bytes !== undefined) return;
      const bytes = patterned(pageBytes, d % 7);
      this.records.push(say.content(place, bytes));
      this.#pages.set(place, { ...page, bytes, untouched: bytes.slice() });
      this.met.push("content-told");
    });
  }

  #move(from: number, count: number, to: number): void {
    if (Math.abs(from - to) < count * pageBytes) return;
    this.records.push(say.remap(from, to, count * pageBytes));
    this.#eachPage(from, count, (page) => {
      const moved = this.#pages.get(page);
      this.#pages.delete(page);
      if (moved !== undefined) this.#pages.set(to + (page - from), moved);
    });
    this.met.push("moved");
  }

  #moveBreak(wanted: number): void {
    const to = Math.min(Math.max(wanted, breakStart), breakStart + breakPages * pageBytes);
    const [low, high] = [Math.min(to, this.#break), Math.max(to, this.#break)];
    if (low === high) return;
    this.records.push(to > this.#break ? say.breakUp(low, high - low) : say.breakDown(low, high - low));
    for (let page = start(low); page < high; page += pageBytes) {
      const known = this.#pages.get(page);
      if (known === undefined) this.#pages.set(page, { prot: 7, bytes: say.pages(1, 0), untouched: say.pages(1, 0) });
      else known.bytes?.fill(0, Math.max(0, low - page), Math.min(pageBytes, high - page));
    }
    this.met.push(to > this.#break ? "break-up" : "break-down");
    this.#break = to;
  }

  /** Writes where it may: `a` chooses the page, `b` the place. */
  #write(
    a: number,
    b: number,
    byteCount: number,
    d: number,
    say_: (address: number, bytes: Uint8Array) => Uint8Array,
    state: string,
  ): void {
    const writable = this.sorted().filter(([, page]) => isWritable(page));
    const address = writable[a % writable.length][0] + (d % 2 === 0 ? b % pageBytes : pageBytes - 1 - (b % 32));
    let end = address;
    const limit = address < breakStart || address > breakStart + breakPages * pageBytes ? Infinity : this.#break;
    while (end < Math.min(address + byteCount, limit) && isWritable(this.#pages.get(start(end)))) end += 1;
    if (end <= address) return;
    const bytes = patterned(end - address, d % 251);
    this.records.push(say_(address, bytes));
    this.#put(address, bytes);
    this.met.push(start(address) === start(end - 1) ? state : `${state} across`);
  }

  #put(address: number, bytes: Uint8Array): void {
    bytes.forEach((byte, index) => {
      const page = start(address + index);
      const known = this.#pages.get(page)?.bytes;
      if (known !== undefined) known[address + index - page] = byte;
    });
  }

  /** A run of mapped pages of the arena. */
  #onArena(a: number, b: number, act: (address: number, count: number) => void): void {
    const mapped = this.sorted().filter(([address]) => address < breakStart);
    if (mapped.length === 0) return;
    const [address] = mapped[a % mapped.length];
    let count = 1;
    while (count < 1 + (b % 4) && this.#pages.has(address + count * pageBytes)) count += 1;
    act(address, count);
  }

  #change(address: number, count: number, changed: (page: Page) => Page): void {
    this.#eachPage(address, count, (page) => {
      const known = this.#pages.get(page);
      if (known !== undefined) this.#pages.set(page, changed(known));
    });
  }

  #eachPage(address: number, count: number, act: (page: number) => void): void {
    for (let page = 0; page < count; page++) act(address + page * pageBytes);
  }
}

function isWritable(page: Page | undefined): boolean {
  return page !== undefined && (page.prot & 2) !== 0 && page.bytes !== undefined;
}

function start(address: number): number {
  return address - (address % pageBytes);
}

/** Bytes that differ from place to place; all zero for seed 0. */
function patterned(byteCount: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: byteCount }, (_, index) => index * seed + seed);
}
