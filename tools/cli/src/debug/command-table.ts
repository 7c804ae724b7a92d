// All commands of the session: help, completion and parsing come from this table.

import { answer } from "./answer.ts";
import { checkpointCommands } from "./checkpoints.ts";
import { nothingToComplete, refuseRest } from "./command-line.ts";
import type { CommandFamily, DebugCommand } from "./command-line.ts";
import { continuingCommands } from "./continuing.ts";
import { differenceCommands } from "./difference.ts";
import { examineCommands } from "./examine.ts";
import { findCommands } from "./find-bytes.ts";
import { helpCommand } from "./help.ts";
import { listCommands } from "./listing.ts";
import { markCommands } from "./marks.ts";
import { movingCommands } from "./moving.ts";
import { originCommands } from "./origins.ts";
import { pageTableCommands } from "./page-tables.ts";
import { stopCommands } from "./stop-commands.ts";
import { taskCommands } from "./tasks.ts";

/** Ends the session: whoever reads commands knows it, and reads no more. */
export const quitCommand: DebugCommand = {
  names: ["quit", "q", "exit"],
  usage: "",
  summary: "end the session",
  details: [],
  completions: nothingToComplete,
  async run(_, input) {
    refuseRest(input);
    return answer([], {});
  },
};

const families: readonly CommandFamily[] = [
  { title: "Moving", commands: [...movingCommands, ...continuingCommands] },
  { title: "Stopping", commands: stopCommands },
  { title: "Marks", commands: markCommands },
  { title: "Looking", commands: [...listCommands, ...examineCommands, ...findCommands, ...pageTableCommands] },
  { title: "The machine", commands: [...taskCommands, ...checkpointCommands] },
  { title: "Asking", commands: [...originCommands, ...differenceCommands] },
  { title: "The session", commands: [helpCommand(() => families), quitCommand] },
];

/** Every command. */
export const commands: readonly DebugCommand[] = families.flatMap((family) => family.commands);
