// The commands: each has a folder of its own, with its flags and its help in `command.ts`.

import { Command, CommanderError } from "@commander-js/extra-typings";
import { addCompare } from "./compare/command.ts";
import { addDebug, withLongFlags } from "./debug/command.ts";
import { addDiff } from "./diff/command.ts";
import { addEvents } from "./events/command.ts";
import { addExport } from "./export/command.ts";
import { addHunt } from "./hunt/command.ts";
import { addInfo } from "./info/command.ts";
import { addInspect } from "./inspect/command.ts";
import { addMerge } from "./merge/command.ts";
import { addQuery } from "./query/command.ts";
import { addReplay } from "./replay/command.ts";
import { addRestore } from "./restore/command.ts";
import { addVerify } from "./verify/command.ts";
import { addWalk } from "./walk/command.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { Refusal } from "./refusal.ts";
import { readVersion } from "./version.ts";

const help = `
A trace is a recorded stream (*.mr) or lackey text of Valgrind, as it is or in
gzip; - is stdin.

Examples:
  $ pagelapse replay sqlite.mr.gz
  $ pagelapse hunt --strategy dirty-bit-no-flush
  $ pagelapse verify checkpoints/dirty-bit
  $ pagelapse info sqlite.mr.gz
  $ pagelapse events sqlite.mr.gz --kind dirty-set --count 10
  $ pagelapse debug run.plr
  $ pagelapse query run.plr "select kind, count(*) from events group by kind"
  $ pagelapse walk --memory ram.bin --root 0x1000 0xffff888000001000

Exit codes:
  0    done, and what was checked held
  1    a strategy that claims to be correct was not, a hunt has found something,
       final memory differs, an image is damaged, or two images differ
  2    bad usage or bad input: one line on stderr says which
  70   a fault of pagelapse itself
  130  interrupted`;

/** Runs the command that the words name. Throws a `Refusal` when they name none, or name it wrongly. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = new Command("pagelapse")
    .description(
      "Replays the memory of a recorded program, takes checkpoints of it,\nrebuilds it from their files and proves the rebuild byte for byte.",
    )
    .version(readVersion(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print help, also of a command")
    .helpCommand("help [command]", "print help, also of a command")
    .addHelpText("after", help)
    .configureOutput({ outputError: () => {} })
    .exitOverride();

  for (const add of [
    addReplay,
    addCompare,
    addHunt,
    addInfo,
    addEvents,
    addDebug,
    addExport,
    addQuery,
    addWalk,
    addVerify,
    addInspect,
    addMerge,
    addRestore,
    addDiff,
  ])
    add(program, (ended) => (code = ended));
  if (words.length === 0) {
    const names = program.commands.map((command) => command.name()).join(", ");
    throw new Refusal(`expected a command (${names}), found none; pagelapse --help tells more`);
  }

  try {
    await program.parseAsync(withLongFlags(words), { from: "user" });
  } catch (reason) {
    if (!(reason instanceof CommanderError)) throw reason;
    if (reason.exitCode !== 0) throw new Refusal(usageLine(reason));
  }
  return code;
}

/** What commander says about a wrong word, in one line: "unknown option '--evry' (did you mean --every?)". */
function usageLine(reason: CommanderError): string {
  return printable(reason.message.replace(/^error: /, "").replace(/\n\(Did (?=[^\n]*$)/, " (did "));
}
