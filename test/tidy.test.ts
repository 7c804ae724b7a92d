// What the house asks of every file, and no compiler checks.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const top = fileURLToPath(new URL("..", import.meta.url));
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: top, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "");
const read = (path: string): string => readFileSync(join(top, path), "utf8");
const sources = files.filter((path) => /^(packages|tools)\/.*\.(ts|mjs)$/.test(path) || /^test\/.*\.ts$/.test(path));
const packageSources = sources.filter((path) => /^packages\/[^/]+\/src\//.test(path));

/** Lines of these files that match, as `path:line`. */
function lines(paths: readonly string[], pattern: RegExp): readonly string[] {
  return paths.flatMap((path) =>
    read(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

test("the top level holds what a newcomer looks for, and nothing else", () => {
  const names = new Set(files.map((path) => path.split("/")[0]).filter((name) => !name.startsWith(".")));
  expect([...names].toSorted()).toEqual(
    [
      "ARCHITECTURE.md",
      "LICENSE",
      "README.md",
      "package.json",
      "packages",
      "pnpm-lock.yaml",
      "pnpm-workspace.yaml",
      "test",
      "tools",
      "tsconfig.json",
    ].toSorted(),
  );
});

test("a file is one idea, named by it", () => {
  expect(sources.filter((path) => /(^|\/)(types|utils?|helpers?|common|constants|misc)\.ts$/.test(path))).toEqual([]);
  expect(sources.filter((path) => read(path).split("\n").length > 400)).toEqual([]);
});

test("a source file says in its first line what it is", () => {
  const silent = packageSources.filter((path) => !path.endsWith("index.ts") && !read(path).startsWith("// "));
  expect(silent).toEqual([]);
});

test("nobody imports the index of their own package", () => {
  expect(lines(packageSources, /from "\.\.?\/index\.ts"/)).toEqual([]);
});

test("packages have no clock, no chance and no timers: a run is its commands and its seed", () => {
  expect(lines(packageSources, /\bDate\b|Math\.random|performance\.|set(Timeout|Interval)\(/)).toEqual([]);
});

test("no address is cut to 32 bits", () => {
  expect(lines(packageSources, /\b(v?addr(ess)?|vaddr|vpn)\s*(>>>?|<<|\|(?!\|)|%)\s*[\w(~]/)).toEqual([]);
});

test("no check is suppressed, no test switched off, no work promised for later", () => {
  expect(lines(sources, /@ts-(ignore|expect-error|nocheck)|(oxlint|eslint)-disable|:\s*any\b|\bas any\b/)).toEqual([]);
  const here = "test/tidy.test.ts";
  expect(
    lines(
      sources.filter((path) => path !== here),
      /\b(it|test|describe)\.(skip|only|todo)\(|\bTODO\b|\bFIXME\b|not implemented/i,
    ),
  ).toEqual([]);
});

test("an import points to a package that the manifest names", () => {
  const wrong = sources.flatMap((path) => {
    const folder = /^((packages|tools)\/[^/]+|test)\//.exec(path)?.[1];
    if (folder === undefined || folder === "tools/dev") return [];
    const manifest = JSON.parse(read(`${folder}/package.json`)) as Record<string, Record<string, string> | string | undefined>;
    const allowed = new Set([
      manifest["name"],
      ...["dependencies", "devDependencies"].flatMap((key) => Object.keys(manifest[key] ?? {})),
    ]);
    if (path.includes("/test/")) for (const name of ["vitest", "fast-check"]) allowed.add(name);
    return [...read(path).matchAll(/from "(@pagelapse\/[a-z]+|[a-z][a-z-]*)[^"]*";?$/gm)]
      .map((match) => match[1])
      .filter((name) => name !== "node" && !allowed.has(name))
      .map((name) => `${path}: ${name}`);
  });
  expect(wrong).toEqual([]);
});

test("every native tool of the lockfile comes for every platform", () => {
  const lock = read("pnpm-lock.yaml");
  const names = new Set(
    [...lock.matchAll(/^ {2}'?(@?[\w./-]+?-linux-x64[\w-]*)@/gm)]
      .map((match) => match[1])
      .filter((name) => !name.includes("musl")),
  );
  expect(names.size).toBeGreaterThan(0);
  for (const name of names) {
    for (const platform of ["darwin-arm64", "win32-x64"]) {
      const sibling = name.replace(/linux-x64.*$/, platform);
      expect(lock.includes(`${sibling}@`) || lock.includes(`${sibling}-msvc@`), `${sibling} beside ${name}`).toBe(true);
    }
  }
});
