// The flags that say which machine replays a trace, the same for every command.

import { parseFrames, parseTlb } from "./amount.ts";
import { once, parseText } from "./flag.ts";

/** `--arch`: the processor. */
export function archOption() {
  const names = "i386, i386-pae, x86-64, x86-64-la57 or sv39";
  return once("--arch <name>", `processor: ${names}`, parseText).default("x86-64", "x86-64");
}

/** `--tlb`: the shape of each TLB. */
export function tlbOption() {
  return once("--tlb <shape>", "sets x ways of the TLB, 0 for none", parseTlb).default({ sets: 64, ways: 4 }, "64x4");
}

/** `--ram`: in frames. */
export function ramOption() {
  return once("--ram <bytes>", "RAM, of which the host commits what is used", parseFrames).default(2 ** 18, "1G");
}

/** `--maps`: areas that lackey text does not tell. */
export function mapsOption() {
  return once("--maps <file>", "lackey text: the layouts that valgrind -d printed", parseText);
}
