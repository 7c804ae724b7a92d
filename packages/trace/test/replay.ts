// A trace decoded into a machine, in one block or cut anyhow.

import { Machine } from "@pagelapse/kernel";
import type { MachineOptions } from "@pagelapse/kernel";
import { BadTrace, TraceChunks, createDecoder } from "@pagelapse/trace";
import type { TraceDecoder, ValgrindLayout } from "@pagelapse/trace";
import { areaAt, protOf } from "@pagelapse/vma";
import { peekPage } from "@pagelapse/checkpoint";

/** How a trace is fed; what is left out is the simplest. */
export interface Feeding {
  readonly machine?: Machine;
  /** The smallest there are. */
  readonly chunks?: TraceChunks;
  readonly layout?: ValgrindLayout;
  /** Lengths of the blocks, again and again; one block when left out. */
  readonly cuts?: readonly number[];
}

/** A machine that is quickly made. */
export function smallMachine(options: MachineOptions = {}): Machine {
  return new Machine({ frameCount: 512, ...options });
}

/** Decodes the whole of it. Throws what the decoder throws. */
export function replay(bytes: Uint8Array, feeding: Feeding = {}): { decoder: TraceDecoder; machine: Machine } {
  const { machine = smallMachine(), chunks = new TraceChunks(65_544), layout, cuts = [bytes.length] } = feeding;
  const decoder = createDecoder(bytes.subarray(0, 16), machine, { layout });
  for (let done = 0, turn = 0; done < bytes.length; turn++) {
    const block = bytes.subarray(done, done + cuts[turn % cuts.length]);
    done += block.length;
    chunks.feed(block, (chunk) => decoder.decode(chunk, chunk.start));
  }
  decoder.end();
  machine.flush();
  return { decoder, machine };
}

/** Everything that can be seen of a replay: its events, its counts, and how it ended. */
export function seen(bytes: Uint8Array, feeding: Feeding = {}): readonly string[] {
  const machine = feeding.machine ?? smallMachine();
  const lines: string[] = [];
  machine.events$.subscribe((event) => lines.push(JSON.stringify(event)));
  try {
    const { decoder } = replay(bytes, { ...feeding, machine });
    lines.push(
      JSON.stringify([decoder.counts, decoder.stores, decoder.loads, decoder.kernelWrites, decoder.final, decoder.areasAtStart]),
    );
  } catch (reason) {
    machine.flush();
    lines.push(refusalOf(reason).message);
  }
  return lines;
}

/** The events of a trace that is believed, as JSON has them. */
export function eventsOf(bytes: Uint8Array): readonly Record<string, unknown>[] {
  return seen(bytes)
    .slice(0, -1)
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** The error, which must be this package's. */
export function refusalOf(reason: unknown): BadTrace {
  if (reason instanceof BadTrace) return reason;
  throw reason;
}

/** The `BadTrace` that a trace ends in. */
export function refused(bytes: Uint8Array, feeding: Feeding = {}): BadTrace {
  try {
    replay(bytes, feeding);
  } catch (reason) {
    return refusalOf(reason);
  }
  throw new Error("the trace was believed");
}

/** What a machine has at a page: `unmapped`, or its rights and the byte at this address, as in `rw- 5`; `?`: unknown. */
export function at(machine: Machine, vaddr: number): string {
  const area = areaAt(machine.space.areas, vaddr);
  if (area === undefined) return "unmapped";
  const page = new Uint8Array(4096);
  const knowledge = peekPage(machine, vaddr - (vaddr % 4096), page);
  const prot = protOf(area.flags);
  return `${prot & 1 ? "r" : "-"}${prot & 2 ? "w" : "-"}${prot & 4 ? "x" : "-"} ${knowledge === "unknown" ? "?" : page[vaddr % 4096]}`;
}
