// Every example of every README runs, and every export of a package stands in its README.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const top = fileURLToPath(new URL("..", import.meta.url));
const packages = readdirSync(join(top, "packages"));
/** Folders of `src` that stand behind a subpath; some have a README of their own. */
const rooms = packages.flatMap((name) =>
  readdirSync(join(top, "packages", name, "src"))
    .map((room) => `${name}/src/${room}`)
    .filter((path) => existsSync(join(top, "packages", path, "README.md"))),
);

describe.each([...packages, ...rooms])("packages/%s", (path) => {
  const folder = join(top, "packages", path.split("/")[0]);
  const readme = readFileSync(join(top, "packages", path, "README.md"), "utf8");
  const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]);

  test("the README fits on two screens and has an example", () => {
    expect(readme.split("\n").length).toBeLessThan(110);
    expect(examples.length).toBeGreaterThan(0);
  });

  test.each(examples.map((code, index) => [index + 1, code] as const))("example %i does what it says", (index, code) => {
    const path = mkdtempSync(join(folder, ".example-"));
    try {
      const file = join(path, `example-${index}.mjs`);
      const strict = "console.assert = (claim, ...words) => { if (!claim) throw new Error(`not true: ${words.join(' ')}`); };\n";
      writeFileSync(file, strict + withoutTypes(code));
      expect(
        execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
      ).toBeTypeOf("string");
    } finally {
      rmSync(path, { recursive: true });
    }
  });

  test("every export stands in the README", () => {
    const own = path.includes("/")
      ? [`../${path}/index.ts`]
      : ["src/index.ts", "src/rx.ts", "src/node/index.ts", "src/crash/index.ts", "src/faults/index.ts"];
    const entries = own.map((entry) => join(folder, entry)).filter(existsSync);
    const names = entries.flatMap((path) =>
      [
        ...readFileSync(path, "utf8").matchAll(
          /^export (?:type )?\{([^}]*)\}|^export (?:function|class|const|interface|type) (\w+)/gm,
        ),
      ].flatMap((match) => (match[1] ?? match[2]).split(",").map((word) => word.trim().replace(/^type /, ""))),
    );
    const missing = names.filter((word) => word !== "" && !new RegExp(`\\b${word}\\b`).test(readme));
    expect(missing).toEqual([]);
  });
});

/** Examples are plain JavaScript but for `import type` lines. */
function withoutTypes(code: string): string {
  return code.replace(/^import type .*$/gm, "");
}
