// What an `assert` line claims, looked at.

import { peekPage } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { findLeaf, frameBytes, isSwapPte, none, pteDirty, ptePresent, readEntry } from "@pagelapse/mmu";
import { VM_SOFTDIRTY, areaAt } from "@pagelapse/vma";
import { BadScenario } from "./bad-scenario.ts";
import { bytes as bytesWord } from "./place-words.ts";
import type { PlaceNames } from "./place-names.ts";
import { printStatement } from "./print-scenario.ts";
import type { Address, FilePage, PageProperty, StatementOf } from "./scenario.ts";
import { viewOf } from "./task-view.ts";

/** Throws `BadScenario` unless the claim is true of the machine, for the task of that index. */
export function checkClaim(statement: StatementOf<"assert">, machine: Machine, task: number, names: PlaceNames): void {
  const { claim } = statement;
  const found = claim.kind === "bytes" ? bytesAt(claim.of, claim.bytes.length, machine, task, names) : undefined;
  const isTrue =
    claim.kind === "bytes"
      ? found === bytesWord.write(claim.bytes)
      : propertiesOf(machine, task, names.addressOf(claim.of)).has(claim.property) === (claim.answer === "is");
  if (isTrue) return;
  const place = "file" in claim.of ? claim.of.place : claim.of.area.place;
  const holds = found ?? [...propertiesOf(machine, task, names.addressOf(claim.of as Address))].join(", ");
  throw new BadScenario(place, printStatement(statement).replace(/^(\d+: )?assert /, ""), holds === "" ? "nothing there" : holds);
}

/** Bytes as a scenario writes them; words where there are none. They may reach over into the next page. */
function bytesAt(of: Address | FilePage, count: number, machine: Machine, task: number, names: PlaceNames): string {
  const found = new Uint8Array(count);
  if ("file" in of) {
    names.checkFile(of);
    machine.files.read(of.file, of.page * frameBytes, found);
    return bytesWord.write([...found]);
  }
  const view = viewOf(machine, task);
  const page = new Uint8Array(frameBytes);
  for (let done = 0; done < count;) {
    const vaddr = names.addressOf(of) + done;
    const inPage = vaddr & (frameBytes - 1);
    if (peekPage(view, vaddr - inPage, page) === "unmapped") return "nothing mapped";
    found.set(page.subarray(inPage, Math.min(frameBytes, inPage + count - done)), done);
    done += frameBytes - inPage;
  }
  return bytesWord.write([...found]);
}

/**
 * What is true of a page. `soft-dirty` is what bit 55 of /proc/PID/pagemap says: the entry's own bit, present or swapped, or that
 * of its area.
 */
function propertiesOf(machine: Machine, task: number, vaddr: number): ReadonlySet<PageProperty> {
  const { architecture, memory, space }: ProcessView = viewOf(machine, task);
  const { bits, levels, swap } = architecture;
  const page = vaddr - (vaddr & (frameBytes - 1));
  const area = areaAt(space.areas, page);
  const leaf = findLeaf(memory, architecture, space.root, page);
  const entry = leaf === undefined ? none : readEntry(memory, architecture, leaf.paddr);
  const isSwapped = isSwapPte(bits, entry);
  const isPresent = ptePresent(bits, entry);
  const softDirty = isSwapped ? swap.softDirty : bits.softDirty;
  const uffdWp = isSwapped ? swap.uffdWp : bits.uffdWp;
  const truths: Readonly<Record<PageProperty, boolean>> = {
    mapped: area !== undefined,
    present: isPresent,
    swapped: isSwapped,
    large: isPresent && leaf !== undefined && leaf.level !== levels[levels.length - 1],
    dirty: isPresent && pteDirty(bits, entry),
    "soft-dirty": (entry.low & softDirty) !== 0 || (area !== undefined && (area.flags & VM_SOFTDIRTY) !== 0),
    "write-protected": (entry.low & uffdWp) !== 0,
    logged: machine.state.dirtyLog?.pages.some((logged) => logged.task === task && logged.vaddr === page) === true,
  };
  return new Set((Object.keys(truths) as PageProperty[]).filter((property) => truths[property]));
}
