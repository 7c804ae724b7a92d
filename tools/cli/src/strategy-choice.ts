// Strategies as `--strategy` names them: those that come with the command, and modules of the user's own.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { strategies, strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy } from "@pagelapse/checkpoint";
import { nearest } from "./nearest.ts";
import { refusal, unknownWord } from "./refusal.ts";
import { offerOwnPackages } from "./own-packages.ts";

/** The names of those that come with the command. */
export const strategyNames: readonly string[] = strategies.map(({ name }) => name);

/** The strategy of that name; of the file, where the word has a dot or a slash. Throws a `Refusal`, which names the flag. */
export async function chooseStrategy(word: string, flag: string): Promise<Strategy> {
  if (/[./\\]/.test(word)) return loadStrategy(word);
  const found = strategyNamed(word);
  if (found === undefined) throw unknownWord(flag, word, strategyNames, nearest(word, strategyNames));
  return found;
}

/** The same of several words, which name each strategy once. */
export async function chooseStrategies(words: readonly string[], flag: string): Promise<readonly Strategy[]> {
  const chosen: Strategy[] = [];
  for (const word of words) {
    const strategy = await chooseStrategy(word, flag);
    if (chosen.some(({ name }) => name === strategy.name))
      throw refusal(word, "strategies of different names", `another one named ${strategy.name}`);
    chosen.push(strategy);
  }
  return chosen;
}

async function loadStrategy(path: string): Promise<Strategy> {
  if (!existsSync(path)) throw refusal(path, "a module that exports a strategy", "no such file or directory (ENOENT)");
  offerOwnPackages();
  const module = await importFile(path);
  const strategy = module["default"] ?? module["strategy"];
  if (!isStrategy(strategy))
    throw refusal(path, "a strategy exported as default or as strategy (name, claim, start, rebuild)", "none");
  if (!/^[a-z][a-z0-9-]*$/.test(strategy.name))
    throw refusal(path, "a strategy's name in small letters, digits and -", JSON.stringify(strategy.name));
  return strategy;
}

async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (reason) {
    const words = reason instanceof Error ? `${reason.name}: ${reason.message.split("\n")[0]}` : String(reason);
    throw refusal(path, "a module that can be loaded", words);
  }
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== "object" || value === null) return false;
  const { name, start, rebuild } = value as Partial<Strategy>;
  return typeof name === "string" && typeof start === "function" && typeof rebuild === "function";
}
