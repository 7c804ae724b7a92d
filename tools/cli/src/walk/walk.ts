// `pagelapse walk`: page tables in a dump of physical memory, walked as the processor does it.

import { setImmediate } from "node:timers/promises";
import { AbsentFrame, parseAddress, walk } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import { leaveSignalsAlone } from "../early-end.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { chooseArchitecture } from "../machine-choice.ts";
import { quote } from "../printable.ts";
import { Refusal, refusal } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { pageJsonLines, pageLines, runJsonLines, runLines } from "./address-space-text.ts";
import type { Listing } from "./address-space-text.ts";
import { openDumpFile } from "./dump-file.ts";
import { formatWalk, walkJson } from "./format-walk.ts";
import { formatPhysical } from "./page-text.ts";

/** The command's flags. */
export interface WalkFlags {
  readonly memory: string;
  readonly root: string;
  readonly arch: string;
  /** List all pages. */
  readonly all?: true;
  /** List runs of pages. */
  readonly runs?: true;
  readonly json?: true;
}

/** Prints the walk to each address, or a listing. What came before a frame that is not in the dump is printed, too. */
export async function walkDump(addresses: readonly string[], flags: WalkFlags): Promise<ExitCode> {
  const architecture = chooseArchitecture(flags.arch);
  const root = parseRoot(architecture, flags.root);
  const listing = chooseListing(architecture, addresses, flags);
  // Tables that lead in circles have more pages than anybody waits for.
  leaveSignalsAlone();
  const dump = openDumpFile(flags.memory);
  try {
    checkRoot(dump.memory, root, flags);
    await printLines(listing(dump.memory, architecture, root));
    return exitCodes.done;
  } catch (reason) {
    if (!(reason instanceof AbsentFrame)) throw reason;
    throw refusal(flags.memory, `a table at ${formatPhysical(reason.pfn * 4096)}, where an entry leads`, "no such frame");
  } finally {
    dump.close();
  }
}

function chooseListing(architecture: Architecture, addresses: readonly string[], { all, runs, json }: WalkFlags): Listing {
  const asked = [all === true, runs === true, addresses.length > 0].filter((isAsked) => isAsked).length;
  if (asked !== 1)
    throw new Refusal(`walk: expected addresses, --all or --runs, found ${asked === 0 ? "none" : "more than one"} of them`);
  if (all === true) return json === true ? pageJsonLines : pageLines;
  if (runs === true) return json === true ? runJsonLines : runLines;
  const vaddrs = addresses.map((text) => parseVirtual(architecture, text));
  return function* (memory, _, root) {
    for (const vaddr of vaddrs) {
      const found = walk(memory, architecture, root, vaddr);
      yield json === true ? JSON.stringify(walkJson(architecture, vaddr, found)) : formatWalk(architecture, vaddr, found);
    }
  };
}

/** A root stands at a multiple of its own size, 32 bytes on i386-pae; no entry here names a frame at 2^56 or above. */
function parseRoot({ levels, entryBytes }: Architecture, text: string): number {
  const tableBytes = levels[0].entryCount * entryBytes;
  const isHexadecimal = /^(0x)?[0-9a-f]{1,16}$/i.test(text);
  const root = Number(isHexadecimal ? BigInt(`0x${text.replace(/^0x/i, "")}`) : -1n);
  if (root >= 0 && root < 2 ** 56 && (root & (tableBytes - 1)) === 0) return root;
  throw new Refusal(
    `--root: expected a physical address in hexadecimal, a multiple of ${formatPhysical(tableBytes)}, found ${quote(text)}`,
  );
}

function parseVirtual(architecture: Architecture, text: string): number {
  const vaddr = parseAddress(architecture, text);
  if (vaddr !== undefined) return vaddr;
  const { name, addressBits, wordBytes } = architecture;
  const shape = addressBits === wordBytes * 8 ? `${addressBits} bits` : `${addressBits} bits, sign-extended`;
  throw new Refusal(`walk: expected an address of ${name} in hexadecimal (${shape}), found ${quote(text)}`);
}

function checkRoot(memory: PhysicalMemory, root: number, flags: WalkFlags): void {
  try {
    memory.readWord(root);
  } catch (reason) {
    if (!(reason instanceof AbsentFrame)) throw reason;
    throw refusal("--root", `an address in ${flags.memory}`, `${formatPhysical(root)}, which it has no frame for`);
  }
}

/** Characters that are written at once. */
const blockLength = 2 ** 16;

async function printLines(lines: Iterable<string>): Promise<void> {
  let text = "";
  try {
    for (const line of lines) {
      text += `${line}\n`;
      if (text.length < blockLength) continue;
      await print(text);
      text = "";
      // Lets in that the reader has left.
      await setImmediate();
    }
  } finally {
    await print(text);
  }
}
