// A history written down as a scenario, while it is played.

import type { Command, Result } from "@pagelapse/kernel";
import type { Architecture } from "@pagelapse/mmu";
import { MADV_DONTFORK, MADV_DONTNEED, MADV_FREE, MADV_WIPEONFORK, MAP_ANONYMOUS, MAP_PRIVATE, MAP_TYPE } from "@pagelapse/vma";
import { printFaultPlan } from "@pagelapse/vfs/faults";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { protection } from "../../scenario/clause-words.ts";
import { parseScenario } from "../../scenario/parse-scenario.ts";
import { bytes as bytesWord } from "../../scenario/place-words.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { pageBytes } from "../model.ts";
import { tinyFrameCount, tinyProcessors, tinySwapFrames, tinyTlb } from "../tiny-machine.ts";
import { windowPages, windowStart } from "../window.ts";

/** What an area of the scenario is called, and where it lies. */
interface Place {
  readonly name: string;
  readonly start: number;
  readonly pageCount: number;
}

/** The whole window, for what no area holds alone: it is named, and holds nothing itself. A store at its end reaches over it. */
const wholeWindow: Place = { name: "W", start: windowStart, pageCount: windowPages + 1 };

const advices: ReadonlyMap<number, string> = new Map([
  [MADV_DONTNEED, "dontneed"],
  [MADV_FREE, "free"],
  [MADV_DONTFORK, "dontfork"],
  [MADV_WIPEONFORK, "wipeonfork"],
]);

/** Hears a history (`Hearers`); `scenario` does to a machine what the history did to its own. */
export class ScenarioWriter {
  readonly #architecture: Architecture;
  readonly #lines: string[] = [];
  /** Areas, the one that was named last at the end. */
  #places: readonly Place[] = [wholeWindow];
  /** Pages where an area was at some time. */
  readonly #used = new Set<number>();
  readonly #files = new Map<string, number[]>();
  #checkpoints = 0;
  #faults = "none";

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  get scenario(): Scenario {
    const { sets, ways } = tinyTlb;
    const machine = `machine ${this.#architecture.name} processors ${tinyProcessors} tlb ${sets}x${ways} ram ${tinyFrameCount} swap ${tinySwapFrames}`;
    const files = [...this.#files].map(([file, pages]) => `file ${file}@0 ${pages.join(" ")}`);
    const window = [`map W ${wholeWindow.pageCount} rw anon at 0x${windowStart.toString(16)}`, "unmap W"];
    return parseScenario([machine, ...files, ...window, ...this.#lines].join("\n"));
  }

  /** A checkpoint of the process of processor 0. */
  checkpoint(faults: FaultPlan): void {
    const plan = printFaultPlan(faults);
    if (plan !== this.#faults) this.#lines.push(`fault ${plan}`);
    this.#faults = plan;
    this.#lines.push(`checkpoint K${this.#checkpoints++}`);
  }

  command(command: Command, result: Result): void {
    if (command.kind === "provide-file") return this.#giveFile(command.file, command.offset, command.bytes);
    const processor = (command.processor ?? 0) === 0 ? "" : `${command.processor}: `;
    const failure = result.kind === "done" ? "" : ` fails ${result.kind === "failed" ? result.errno : result.fault.signal}`;
    if (command.kind === "map-memory") this.#clear(processor, command.start, command.byteCount);
    if (command.kind === "load") return this.#load(processor, command.vaddr, command.byteCount, result);
    const places = this.#places;
    this.#lines.push(`${processor}${this.#textOf(command)}${failure}`);
    if (failure !== "") this.#places = places;
  }

  #giveFile(file: string, offset: number, content: Uint8Array): void {
    const pages = this.#files.get(file) ?? [];
    pages[offset / pageBytes] = content[0];
    this.#files.set(file, pages);
  }

  /** What a mapping takes the place of goes first; where nothing ever was, nothing is. */
  #clear(processor: string, start: number, byteCount: number): void {
    const pages = Array.from({ length: byteCount / pageBytes }, (_, page) => start + page * pageBytes);
    if (pages.some((page) => this.#used.has(page))) this.#lines.push(`${processor}unmap ${this.#range(start, byteCount)}`);
  }

  /** A load in a scenario is of one byte: of two pages it is two. */
  #load(processor: string, vaddr: number, byteCount: number, result: Result): void {
    const last = vaddr + byteCount - 1;
    const isTwo = Math.floor(vaddr / pageBytes) !== Math.floor(last / pageBytes);
    const isFirst = result.kind === "faulted" && result.fault.vaddr === vaddr;
    this.#lines.push(`${processor}r ${this.#address(vaddr)}${isFirst ? " fails SIGSEGV" : ""}`);
    if (isTwo && !isFirst)
      this.#lines.push(`${processor}r ${this.#address(last)}${result.kind === "faulted" ? " fails SIGSEGV" : ""}`);
  }

  #textOf(command: Command): string {
    switch (command.kind) {
      case "map-memory": {
        const { start, byteCount, prot, flags, file, offset = 0 } = command;
        const sharing = (flags & MAP_TYPE) === MAP_PRIVATE ? "private" : "shared";
        const anonymous = sharing === "private" ? "anon" : "anon-shared";
        const backing = (flags & MAP_ANONYMOUS) !== 0 ? anonymous : `file-${sharing} ${file}@${offset / pageBytes}`;
        const { name, pageCount } = this.#place(start, byteCount);
        return `map ${name} ${pageCount} ${protection.write(prot)} ${backing} at 0x${start.toString(16)}`;
      }
      case "unmap-memory":
        return `unmap ${this.#range(command.start, command.byteCount)}`;
      case "protect-memory":
        return `protect ${this.#range(command.start, command.byteCount)} ${protection.write(command.prot)}`;
      case "move-memory": {
        const { start, oldBytes, to } = command;
        const range = this.#range(start, oldBytes);
        return `move ${range} to ${this.#place(to, oldBytes).name} at 0x${to.toString(16)}`;
      }
      case "advise-memory":
        return `${advices.get(command.advice)} ${this.#range(command.start, command.byteCount)}`;
      case "sync-memory":
        return `msync ${this.#range(command.start, command.byteCount)}`;
      case "protect-writes":
        return `wp ${this.#range(command.start, command.byteCount)} ${command.mode}`;
      case "write-back":
        return `writeback ${command.file}`;
      case "store":
        return `w ${this.#address(command.vaddr)} ${bytesWord.write([...command.bytes])}`;
      case "kernel-store":
        return `kw ${this.#address(command.vaddr)} ${bytesWord.write([...command.bytes])}`;
      case "fork-task":
        return `fork ${command.pid}`;
      case "exit-task":
        return "exit";
      case "switch-task":
        return `switch ${command.pid}`;
      case "reclaim-page":
        return `swapout ${this.#address(command.vaddr)}`;
      case "migrate-page":
        return `migrate ${this.#address(command.vaddr)}`;
      case "pin-page":
        return `pin ${command.name} ${this.#address(command.vaddr)}`;
      case "unpin-page":
        return `unpin ${command.name}`;
      case "device-store":
        return `dev ${command.name}+${command.offset} ${bytesWord.write([...command.bytes])}`;
      case "clear-soft-dirty":
        return "clear-refs";
      default:
        throw new Error(`no history does ${command.kind}`);
    }
  }

  /** An area of that name is at that place from now on; one that was there before, as long, keeps its name. */
  #place(start: number, byteCount: number): Place {
    const pageCount = byteCount / pageBytes;
    const known = this.#places.find((place) => place !== wholeWindow && place.start === start && place.pageCount === pageCount);
    const name = known?.name ?? this.#freeName();
    const placed = { name, start, pageCount };
    for (let page = start; page < start + byteCount; page += pageBytes) this.#used.add(page);
    this.#places = [...this.#places.filter((place) => place.name !== name), placed];
    return placed;
  }

  /** A letter that no area has; those of pins and of the window are left out. */
  #freeName(): string {
    const letters = "ABCDEFGHIJKLMNOSTUVXYZ";
    const count = this.#places.length - 1;
    const round = Math.floor(count / letters.length);
    return `${letters[count - round * letters.length]}${round === 0 ? "" : round}`;
  }

  #address(vaddr: number): string {
    const { name, start } = this.#holderOf(vaddr, 1);
    const offset = vaddr & (pageBytes - 1);
    return `${name}.${(vaddr - offset - start) / pageBytes}${offset === 0 ? "" : `+${offset}`}`;
  }

  #range(start: number, byteCount: number): string {
    const holder = this.#holderOf(start, byteCount);
    const first = (start - holder.start) / pageBytes;
    const last = first + byteCount / pageBytes - 1;
    if (first === 0 && last === holder.pageCount - 1) return holder.name;
    return `${holder.name}.${first}${first === last ? "" : `-${last}`}`;
  }

  #holderOf(start: number, byteCount: number): Place {
    const isHeld = (place: Place): boolean =>
      start >= place.start && start + byteCount <= place.start + place.pageCount * pageBytes;
    const found = this.#places.findLast(isHeld);
    if (found === undefined) throw new Error(`${start} is outside the window`);
    return found;
  }
}
