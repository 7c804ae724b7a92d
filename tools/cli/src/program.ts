// The commands and their flags. What a command needs is loaded when it is called.

import { Command, CommanderError, Option } from "@commander-js/extra-typings";
import { parseCount, parseFrames, parseTlb } from "./amount.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { eventsHelp, infoHelp, programHelp, replayHelp, walkHelp } from "./help-text.ts";
import { printable, quote } from "./printable.ts";
import { Refusal } from "./refusal.ts";
import { readVersion } from "./version.ts";

/** Runs the command that the words name. Throws a `Refusal` when they name none, or name it wrongly. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  if (words.length === 0)
    throw new Refusal("expected a command (replay, info, events, walk), found none; pagelapse --help tells more");
  let code: ExitCode = exitCodes.done;
  const program = new Command("pagelapse")
    .description(
      "Replays the memory of a recorded program, takes checkpoints of it,\nrebuilds it from their files and proves the rebuild byte for byte.",
    )
    .version(readVersion(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print help, also of a command")
    .helpCommand("help [command]", "print help, also of a command")
    .addHelpText("after", programHelp)
    .configureOutput({ outputError: () => {} })
    .exitOverride();

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
    .option("--loads", "record loads as events, too")
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", replayHelp)
    .action(async (trace, options) => {
      const { replay } = await import("./replay/replay.ts");
      code = await replay(trace, options);
    });

  program
    .command("info")
    .description("Tell what is in a trace: records, bytes, areas at its start and end.")
    .argument("<trace>", "a recorded stream or lackey text, - for stdin")
    .addOption(ramOption())
    .addOption(mapsOption())
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", infoHelp)
    .action(async (trace, options) => {
      const { info } = await import("./info/info.ts");
      code = await info(trace, options);
    });

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
    .addHelpText("after", eventsHelp)
    .action(async (trace, options) => {
      const { events } = await import("./events/events.ts");
      code = await events(trace, options);
    });

  program
    .command("walk")
    .description("Walk the page tables in a dump of physical memory, as the processor does it.")
    .argument("[addresses...]", "virtual addresses in hexadecimal, the kernel's half sign-extended")
    .addOption(
      once(
        "--memory <dump>",
        "raw physical memory from address 0 on, or words as QEMU's xp and gdb's x print them",
        parseText,
      ).makeOptionMandatory(),
    )
    .addOption(once("--root <address>", "physical address of the root table, in hexadecimal", parseText).makeOptionMandatory())
    .addOption(archOption())
    .option("--all", "print every page instead, as QEMU's info tlb")
    .option("--runs", "print runs of pages instead, as QEMU's info mem")
    .option("--json", "print a JSON object a line")
    .addHelpText("after", walkHelp)
    .action(async (addresses, options) => {
      const { walkDump } = await import("./walk/walk.ts");
      code = await walkDump(addresses, options);
    });

  try {
    await program.parseAsync(words, { from: "user" });
  } catch (reason) {
    if (!(reason instanceof CommanderError)) throw reason;
    if (reason.exitCode !== 0) throw new Refusal(usageLine(reason));
  }
  return code;
}

const usualStrategies: readonly string[] = ["dirty-bit", "report-basic", "report-incremental"];

function archOption() {
  const names = "i386, i386-pae, x86-64, x86-64-la57 or sv39";
  return once("--arch <name>", `processor: ${names}`, parseText).default("x86-64", "x86-64");
}

function tlbOption() {
  return once("--tlb <shape>", "sets x ways of the TLB, 0 for none", parseTlb).default({ sets: 64, ways: 4 }, "64x4");
}

function ramOption() {
  return once("--ram <bytes>", "RAM, of which the host commits what is used", parseFrames).default(2 ** 18, "1G");
}

function mapsOption() {
  return once("--maps <file>", "lackey text: the layouts that valgrind -d printed", parseText);
}

/** An option with a value that may be given once. `parse` is told the flag, for its complaints. */
function once<Flags extends string, Value>(flags: Flags, description: string, parse: (flag: string, text: string) => Value) {
  const flag = flags.split(" ")[0];
  let given = 0;
  return new Option(flags, description).argParser((text: string): Value => {
    given += 1;
    if (given > 1) throw new Refusal(`${flag}: expected once, found twice`);
    return parse(flag, text);
  });
}

function parseText(flag: string, text: string): string {
  if (text === "") throw new Refusal(`${flag}: expected a value, found ""`);
  return text;
}

/** Names between commas, each once. */
function parseNames(flag: string, text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const repeated = names.find((name, index) => name === "" || names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Refusal(`${flag}: expected names between commas, each once, found ${quote(text)}`);
  return names;
}

/** What commander says about a wrong word, in one line: "unknown option '--evry' (did you mean --every?)". */
function usageLine(reason: CommanderError): string {
  return printable(reason.message.replace(/^error: /, "").replace(/\n\(Did (?=[^\n]*$)/, " (did "));
}
