// The command `compare`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import { parseDuration } from "../duration.ts";
import type { ExitCode } from "../exit-code.ts";
import { once, parseNames } from "../flag.ts";
import { archOption, mapsOption, ramOption, tlbOption } from "../machine-flags.ts";
import { parseChartFile, parseCosts, parseCounts, parseGranules, parsePreCopy, parseProcessors } from "./compare-flags.ts";

const help = `
Every strategy has a machine of its own, fed the same trace. Memory is rebuilt
from its images at every checkpoint and compared with the machine's.
  of full   bytes against all pages with content, at every checkpoint
  needless  pages saved though their bytes are those of the last checkpoint
  wrong     pages that came back lost, stale or where nothing is mapped
  faults    page faults above those of a machine without checkpoints
  pause     how long the program stands still, modelled with these prices:

Prices, set with --cost NAME=TIME,...; the figures that are measured are of
Linux 6.18 on an AMD Zen 5, the others are assumptions:
  scan       8ns     a present page whose entry is looked at (measured)
  check      2.3us   a page read to be judged and not saved: SHA-256 (measured)
  copy       250ns   a page copied: 16 GB/s (measured)
  fork       50ns    a page whose entry fork copies: 20 a us (assumed)
  write      1ns     a byte written: a disk that takes 1 GB/s (assumed)
  sync       100us   an fsync: an SSD whose cache outlives power (assumed)
  flush      500ns   a flush of a TLB (assumed)
  shootdown  2us     making another processor flush (assumed)
  fault      1.1us   a page fault: a store to a protected page (measured)
  open       10us    a file opened to restore (assumed)
  read       0.4ns   a byte read to restore: 2.5 GB/s (assumed)
  store      2ns     a store of the program and what it does in between, for a
                     trace has no clock: SQLite has one in 1.2 to 2.9 ns


--page-size shows what would be saved if changes were known by so many bytes
only: a granule is saved whole, as far as its pages have content. Mappings stay
those of 4 KiB pages.

--precopy sends memory while the program runs, from the first checkpoint's
moment on: round 0 everything, each next what was dirtied during the last, until
the rest can be sent within the downtime, or 30 rounds have passed.

--mtbf gives the intervals of Young and Daly for each strategy's pause.

Several intervals (--every 10k,100k), or a chart, run every strategy once for
each; a chart of one interval takes a quarter, half, twice and four times it.

Examples:
  $ pagelapse compare sqlite.mr.gz
  $ pagelapse compare sqlite.mr.gz --every 20k --page-size 4k,16k,64k,2M
  $ pagelapse compare ls.mr.gz --strategies dirty-bit,soft-dirty --mtbf 12h
  $ pagelapse compare ls.mr.gz --precopy 1G,10ms --cost store=20ns
  $ pagelapse compare sqlite.mr.gz --chart sizes.svg --json > sizes.json`;

/** Adds the command; `end` is told how it ended. */
export function addCompare(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("compare")
    .description("Compare strategies on one trace: what they save, lose and cost.")
    .argument("<trace>", "a recorded stream or lackey text, - for stdin")
    .addOption(
      once("--every <stores>", "stores between two checkpoints; several: tables are of the first", parseCounts).default(
        [100_000],
        "100k",
      ),
    )
    .addOption(once("--strategies <names>", "strategies to compare (default: all there are)", parseNames))
    .addOption(once("--page-size <bytes>", "granules of the tracker: 4k,16k,64k,2M", parseGranules))
    .addOption(once("--precopy <bandwidth,downtime>", "copy to another machine: 1G,10ms is 1 GB/s", parsePreCopy))
    .addOption(once("--mtbf <time>", "mean time between failures: 12h", parseDuration))
    .addOption(once("--cost <prices>", "prices other than those below", parseCosts))
    .addOption(once("--processors <count>", "that run the program; flushes are shot down", parseProcessors).default(1))
    .addOption(once("--chart <file>", "draw size against interval: FILE.svg or FILE.html", parseChartFile))
    .addOption(archOption())
    .addOption(tlbOption())
    .addOption(ramOption())
    .addOption(mapsOption())
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (trace, options) => {
      const { compare } = await import("./compare.ts");
      end(await compare(trace, options));
    });
}
