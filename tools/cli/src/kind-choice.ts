// A kind of event as it is given by hand.

import { kindNames } from "@pagelapse/events";
import type { KindName } from "@pagelapse/events";
import { nearest } from "./nearest.ts";
import { quote } from "./printable.ts";
import { Refusal } from "./refusal.ts";

/** The kind of that name. Throws a `Refusal` that names the one it most resembles. */
export function parseKind(word: string): KindName {
  const known = kindNames();
  const kind = known.find((name) => name === word);
  if (kind !== undefined) return kind;
  const near = nearest(word, known);
  throw new Refusal(`expected a kind of event, found ${quote(word)}${near === undefined ? "" : ` (did you mean ${near}?)`}`);
}

/** Kinds given with a flag, of which a `Refusal` speaks. */
export function parseKinds(flag: string, words: readonly string[]): readonly KindName[] {
  try {
    return words.map(parseKind);
  } catch (reason) {
    throw reason instanceof Refusal ? new Refusal(`${flag}: ${reason.message}`) : reason;
  }
}
