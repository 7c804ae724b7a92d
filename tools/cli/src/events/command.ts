// The command `events`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import { parseCount } from "../amount.ts";
import type { ExitCode } from "../exit-code.ts";
import { once, parseNames } from "../flag.ts";
import { archOption, mapsOption, ramOption, tlbOption } from "../machine-flags.ts";

const help = `
With --json each event is one JSON object on a line of its own.

Examples:
  $ pagelapse events ls.mr.gz --from 1000 --count 20
  $ pagelapse events ls.mr.gz --kind dirty-set,entry-mapped
  $ pagelapse events ls.mr.gz --json --count 5`;

/** Adds the command; `end` is told how it ended. */
export function addEvents(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("events")
    .description("Print what happens in the machine, event by event, while it replays a trace.")
    .argument("<trace>", "a recorded stream or lackey text, - for stdin")
    .addOption(once("--from <moment>", "moment of the first event", (flag, text) => parseCount(flag, text, 0)).default(0))
    .addOption(once("--count <events>", "how many to print (default: all)", (flag, text) => parseCount(flag, text, 1)))
    .addOption(once("--kind <names>", "only events of these kinds", parseNames))
    .addOption(archOption())
    .addOption(tlbOption())
    .addOption(ramOption())
    .addOption(mapsOption())
    .option("--loads", "record loads as events, too")
    .option("--json", "print a JSON object a line")
    .addHelpText("after", help)
    .action(async (trace, options) => {
      const { events } = await import("./events.ts");
      end(await events(trace, options));
    });
}
