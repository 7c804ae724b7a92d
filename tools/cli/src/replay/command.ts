// The command `replay`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import { parseCount } from "../amount.ts";
import type { ExitCode } from "../exit-code.ts";
import { once, parseNames, parseText } from "../flag.ts";
import { archOption, mapsOption, ramOption, tlbOption } from "../machine-flags.ts";

const usualStrategies: readonly string[] = ["dirty-bit", "report-basic", "report-incremental"];

const help = `
Strategies:
  dirty-bit           D taken with the program stopped, flushed, then copied
  report-basic        the lab report's full checkpoint
  report-incremental  the lab report's incremental checkpoint
  report-as-printed   the report's listing word for word: two braces are wrong
  soft-dirty          pages whose entry or area is soft-dirty (x86-64)
  write-protect       pages that lost userfaultfd's write protection (x86-64)
  dirty-log           pages in a hypervisor's log, all when it overflows
  content-hash        pages whose SHA-256 is another
  sub-page            dirty-bit that saves the lines of a page that changed
  forked              dirty-bit whose child is written while the program runs
Wrong on purpose:
  dirty-bit-no-flush      dirty-bit that does not flush the TLB
  dirty-bit-by-address    dirty-bit that does not ask for the frame
  soft-dirty-no-vma-flag  soft-dirty that forgets areas that are gone
  residency               dirty-bit that takes swapped pages for empty
  clear-before-commit     dirty-bit that forgets before the file is durable

Parts can be added, in this order, as in dirty-bit+unchanged+compressed:
  unchanged   a page that has its old bytes again is not saved
  zeros       pages of zeros are saved as all others are
  compressed  pages are compressed
  undumped    areas of MADV_DONTDUMP are left out

A strategy of your own is named by its file: --strategy ./mine.js,dirty-bit.

Each strategy has a machine of its own, fed the same trace. Memory is rebuilt
from the files at every checkpoint and compared with the machine, page by page.

A scenario (*.scenario) is a history written by hand. It says itself what its
machine is, when checkpoints are taken, and what is to come of each strategy.

Examples:
  $ pagelapse replay sqlite.mr.gz
  $ pagelapse replay lost-page.scenario --strategy dirty-bit
  $ pagelapse replay ls.mr.gz --every 10k --strategy dirty-bit,report-basic
  $ gunzip -c ls.mr.gz | pagelapse replay - --json --out checkpoints`;

/** Adds the command; `end` is told how it ended. */
export function addReplay(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("replay")
    .description("Replay a trace, take checkpoints, rebuild memory from the files and compare.")
    .argument("<trace>", "a recorded stream or lackey text, - for stdin")
    .addOption(
      once("--every <stores>", "stores between two checkpoints", (flag, text) => parseCount(flag, text, 1)).default(
        100_000,
        "100k",
      ),
    )
    .addOption(
      once("--strategy <names>", "strategies to compare", parseNames).default(usualStrategies, usualStrategies.join(",")),
    )
    .addOption(once("--out <folder>", "where checkpoint files go (default: a new temporary folder)", parseText))
    .addOption(archOption())
    .addOption(tlbOption())
    .addOption(ramOption())
    .addOption(mapsOption())
    .addOption(once("--record <file>", "record the machine of the first strategy, for debug", parseText))
    .option("--loads", "record loads as events, too")
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (trace, options) => {
      const { replay } = await import("./replay.ts");
      end(await replay(trace, options));
    });
}
