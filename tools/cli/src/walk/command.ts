// The command `walk`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";
import { once, parseText } from "../flag.ts";
import { archOption } from "../machine-flags.ts";

const help = `
Of the memory, the frames of page tables are enough. On x86 the root is what is
in CR3, without its flags: the low 12 bits, 5 on i386-pae. On sv39 it is the
frame number in satp, times 4096.

Examples:
  (qemu) stop
  (qemu) info registers
  (qemu) pmemsave 0 0x40000000 ram.bin
  $ pagelapse walk --memory ram.bin --root 0x1000 0xffff888000001000 0x401000
  $ pagelapse walk --memory ram.bin --root 0x1000 --all
  $ pagelapse walk --memory tables.txt --root 0x80100000 --arch sv39 --runs`;

/** Adds the command; `end` is told how it ended. */
export function addWalk(program: Command, end: (code: ExitCode) => void): void {
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
    .addHelpText("after", help)
    .action(async (addresses, options) => {
      const { walkDump } = await import("./walk.ts");
      end(await walkDump(addresses, options));
    });
}
