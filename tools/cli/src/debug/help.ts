// help: what commands there are, and how each is used. It is made from the commands themselves.

import { catalogue, kindNames } from "@pagelapse/events";
import { fold } from "../paragraph.ts";
import { answer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { parseLine } from "./command-line.ts";
import type { CommandFamily, DebugCommand } from "./command-line.ts";
import { formatTable } from "../table.ts";

/** The command that explains all commands, itself among them. `families` is asked when it runs. */
export function helpCommand(families: () => readonly CommandFamily[]): DebugCommand {
  const commands = (): readonly DebugCommand[] => families().flatMap((family) => family.commands);
  return {
    names: ["help", "h", "info"],
    usage: "[COMMAND | kinds]",
    summary: "list the commands, or kinds of event, or explain a command",
    details: ["A command may be cut where no other begins so. Enter repeats the last one."],
    completions: async () => ["kinds", ...commands().flatMap(({ names }) => names)],
    async run(_, { rest }) {
      if (rest === "") return overview(families());
      return rest === "kinds" ? kinds() : explanation(parseLine(commands(), rest).command);
    },
  };
}

function overview(families: readonly CommandFamily[]): Answer {
  const width = Math.max(...families.flatMap(({ commands }) => commands.map(({ names }) => names[0].length)));
  const lines = families.flatMap(({ title, commands }) => [
    title,
    ...commands.map(({ names, summary }) => `  ${names[0].padEnd(width)}  ${summary}`),
    "",
  ]);
  return answer([...lines, "help COMMAND tells more. ^C ends a search, ^D the session."], {
    commands: families.flatMap(({ commands }) => commands.map(({ names, usage, summary }) => ({ names, usage, summary }))),
  });
}

function explanation({ names, usage, summary, details }: DebugCommand): Answer {
  const [name, ...others] = names;
  const also = others.length === 0 ? [] : fold(`also: ${others.join(", ")}`, 79, "  ");
  return answer([`${name} ${usage}`.trimEnd(), `  ${summary}`, ...details, ...also], { names, usage, summary, details });
}

function kinds(): Answer {
  const all = kindNames().map((kind) => ({ kind, role: catalogue[kind].role, meaning: catalogue[kind].meaning }));
  const rows = all.map(({ kind, role, meaning }) => [kind, role, meaning]);
  return answer(
    formatTable(
      [
        { heading: ["kind"], align: "left" },
        { heading: ["role"], align: "left" },
        { heading: ["meaning"], align: "left" },
      ],
      rows,
    ),
    { kinds: all },
  );
}
