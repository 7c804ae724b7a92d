// The session that the README shows is what the command prints, but for times and the name of a temporary folder.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const top = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${top}README.md`, "utf8");

/** The lines that follow a command in a session, up to the next command or the end of the block. */
function shown(command: string): string {
  const after = readme.slice(readme.indexOf(`$ ${command}\n`) + command.length + 3);
  return after.slice(0, after.search(/^(\$ |```)/m));
}

function run(...words: readonly string[]): string {
  return execFileSync(process.execPath, ["tools/cli/dist/bin.js", ...words], { cwd: top, encoding: "utf8" });
}

/** What differs from run to run: times, and with them how far columns reach and lines are filled. */
function settled(text: string): string {
  return text
    .replace(/[\d.]+ s\b/g, "TIME")
    .replace(/\/tmp\/\S+/g, "FOLDER")
    .replace(/\s+/g, " ");
}

test("npm start prints what the README shows", () => {
  const { scripts } = JSON.parse(readFileSync(`${top}package.json`, "utf8")) as { scripts: { start: string } };
  expect(scripts.start).toBe("node tools/cli/dist/bin.js replay tools/cli/traces/sqlite.mr.gz");
  expect(settled(run("replay", "tools/cli/traces/sqlite.mr.gz"))).toBe(settled(shown("npm start")));
});

test("events are those that the README shows", () => {
  const words = "events tools/cli/traces/ls.mr.gz --from 20000 --count 3";
  expect(run(...words.split(" "))).toBe(shown(`pagelapse ${words}`));
});
