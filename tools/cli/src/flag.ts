// Flags with a value: each may be given once, and says itself what is wrong with it.

import { Option } from "@commander-js/extra-typings";
import { quote } from "./printable.ts";
import { Refusal } from "./refusal.ts";

/** An option with a value that may be given once. `parse` is told the flag, for its complaints. */
export function once<Flags extends string, Value>(
  flags: Flags,
  description: string,
  parse: (flag: string, text: string) => Value,
) {
  const flag = flags.split(" ")[0];
  let given = 0;
  return new Option(flags, description).argParser((text: string): Value => {
    given += 1;
    if (given > 1) throw new Refusal(`${flag}: expected once, found twice`);
    return parse(flag, text);
  });
}

/** Any text but none. */
export function parseText(flag: string, text: string): string {
  if (text === "") throw new Refusal(`${flag}: expected a value, found ""`);
  return text;
}

/** Names between commas, each once. */
export function parseNames(flag: string, text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const repeated = names.find((name, index) => name === "" || names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Refusal(`${flag}: expected names between commas, each once, found ${quote(text)}`);
  return names;
}
