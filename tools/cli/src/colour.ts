// Colour, sparingly: only on a terminal that has it, and that was not told to do without.

import { styleText } from "node:util";

/** A colour of the command's own palette. */
export type Tint = "green" | "red" | "bold" | "dim";

/** Paints text for a stream. NO_COLOR and FORCE_COLOR are heeded as `tty.WriteStream.hasColors` heeds them. */
export function paint(stream: NodeJS.WriteStream, tint: Tint, text: string): string {
  const force = process.env["FORCE_COLOR"];
  const forced = force !== undefined && force !== "0" && force !== "false" && process.env["NO_COLOR"] === undefined;
  return forced || (stream.isTTY && stream.hasColors()) ? styleText(tint, text) : text;
}
