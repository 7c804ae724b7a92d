// Queries in SQL, held to the events of the recording.

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Desk, run, shell } from "./command.ts";
import type { Run } from "./command.ts";
import { eventsOf, recordScenario } from "./recording.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const exact = 0xffff_ffff_ffff_fff1n;
const bytes = recordScenario([
  "map A 4 rw anon",
  "w A.0 0xf1ffffffffffffff",
  "w A.0 2",
  "w A.1 3",
  "kw A.2 5",
  "checkpoint K0",
  "w A.1 4",
  "checkpoint K1",
  "unmap A.3",
]);
const path = desk.put("small.plr", bytes);
const events = await eventsOf(bytes);
const A = 0x1000_0000;

const isInstalled = await import("@duckdb/node-api").then(
  () => true,
  () => false,
);

function query(sql: string, ...words: readonly string[]): Promise<Run> {
  return run(["query", path, sql, ...words]);
}

/** The rows of a query. */
async function rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { code, stdout, stderr } = await query(sql, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** The examples that help shows. */
async function examplesOfHelp(): Promise<readonly string[]> {
  const { stdout } = await run(["query", "--help"]);
  const blocks = [...stdout.matchAll(/^ {2}[A-Z][^\n]*\?\n((?: {4}[^\n]*\n)+)/gm)];
  return blocks.map(([, sql]) => sql.trim());
}

describe("with DuckDB", () => {
  beforeEach(({ skip }) => {
    if (!isInstalled) skip("@duckdb/node-api, an optional dependency, is not installed");
  });

  test("every event is a row, and every column what the recording says", async () => {
    const found = await rows("select moment, kind, task, vaddr, paddr, length, hex(bytes) as bytes from events order by moment");
    expect(found).toEqual(
      events.map(({ moment, kind, task, vaddr = null, paddr = null, length = null, bytes: digits }) => ({
        moment,
        kind,
        task,
        vaddr,
        paddr,
        length,
        bytes: digits?.toUpperCase() ?? null,
      })),
    );
  });

  test("64 bits are exact, in every form", async () => {
    const sql = `select value, vaddr from events where value = ${exact}::ubigint`;
    expect(await rows(sql)).toEqual([{ value: `${exact}`, vaddr: A }]);
    expect((await query(sql, "--csv")).stdout).toBe(`value,vaddr\r\n${exact},${A}\r\n`);
    expect((await query(sql)).stdout).toBe(`               value      vaddr\n${exact}  ${A}\n1 row\n`);
  });

  test("the examples of the help answer what they ask", async () => {
    const [hot, intervals, kernel, writers, faults] = await examplesOfHelp();
    expect(await rows(hot)).toEqual([
      { page: "0x10000000", writes: 2 },
      { page: "0x10001000", writes: 2 },
    ]);
    expect(await rows(intervals)).toMatchObject([
      { writes: 4, pages: 3 },
      { writes: 1, pages: 1 },
    ]);
    expect(await rows(kernel)).toEqual([{ page: "0x10002000", writes: 1 }]);
    expect(await rows(writers.replace("0x1fff000", "0x10000"))).toMatchObject([{ writes: 2 }]);
    expect(await rows(faults)).toEqual([{ name: "", fault: "demand-zero", faults: 3 }]);
  });

  test("areas are there from when to when they were so, and checkpoints with their ends", async () => {
    const mapped = events.find(({ kind }) => kind === "area-mapped")?.moment ?? NaN;
    const unmapped = events.find(({ kind }) => kind === "area-unmapped")?.moment ?? NaN;
    expect(await rows("select low, high, rights, since, until from areas order by since")).toEqual([
      { low: A, high: A + 16_384, rights: "rw-p", since: mapped + 1, until: unmapped + 1 },
      { low: A, high: A + 12_288, rights: "rw-p", since: unmapped + 1, until: events.length + 1 },
    ]);
    const ends = events
      .filter(({ kind }) => kind === "checkpoint-committed")
      .map(({ moment }) => ({ ended: moment, state: "committed" }));
    expect(await rows("select ended, state from checkpoints order by ended")).toEqual(ends);
    expect(await rows("select role from kinds where kind = 'store'")).toEqual([{ role: "memory" }]);
  });

  test("a table fits 80 columns, and says what it does not show", async () => {
    const { stdout } = await query("from events");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain(`\n${events.length} rows\n`);
    // What is too wide for a table has a line a column.
    expect(stdout.split("\n").slice(0, 3)).toEqual(["moment     0", `kind       ${events[0].kind}`, "task       0"]);
    const long = await query("select kind, repeat('m', 200) as a, repeat('n', 100) as b from events limit 1");
    expect(long.stdout.split("\n")[1]).toMatch(/^frame-accounted {2}m{20,}\.\.\. {2}n{20,}\.\.\.$/);
    const many = await query("select * from range(2500)");
    expect(many.stdout.split("\n")).toHaveLength(1003);
    expect(many.stdout).toContain("2,500 rows; the first 1,000 are shown, --csv and --json print all\n");
    expect((await query("select * from range(2500)", "--csv")).stdout.split("\r\n")).toHaveLength(2502);
  });

  test("nothing in CSV is a formula, and nothing on a terminal a command", async () => {
    const sql = `select '=1+1' as a, '+2' as b, -3 as c, 'x"y,z' as d, '@a' as e, null as f, 'g' || chr(27) || '[2J' as g`;
    expect((await query(sql, "--csv")).stdout).toBe(`a,b,c,d,e,f,g\r\n"'=1+1","'+2",-3,"x""y,z","'@a",,g\\e[2J\r\n`);
    expect((await query(sql)).stdout).not.toContain("\u001b");
  });

  test.each([
    ["selec 1", /found: .*syntax error at or near "selec"/],
    ["select nothing from events", /found: .*"nothing" not found/],
    ["from nowhere", /found: .*nowhere does not exist/],
    ["select error('late') from events", /found: .*late/],
  ])("%j is refused in one line", async (sql, line) => {
    const { code, stderr } = await query(sql);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^pagelapse: query: expected SQL that DuckDB can run, [^\n]*\n$/);
    expect(stderr).toMatch(line);
  });

  test("no file is left behind", async () => {
    await run(["query", path, "select count(*) from events"]);
    const env = { TMPDIR: desk.path };
    expect((await run(["query", path, "select count(*) from events"], { env })).code).toBe(0);
    expect((await run(["query", path, "select nothing from events"], { env })).code).toBe(2);
    expect(readdirSync(desk.path).filter((name) => name.startsWith("pagelapse-query"))).toEqual([]);
  });
});

test("help has five examples, and they fit 80 columns", async () => {
  expect(await examplesOfHelp()).toHaveLength(5);
});

test("--json and --csv are not given together", async () => {
  expect((await query("select 1", "--json", "--csv")).stderr).toBe("pagelapse: query: expected --json or --csv, found both\n");
});

test("without DuckDB one line says how to install it", async () => {
  // The built command where nothing is installed beside it.
  cpSync(fileURLToPath(new URL("../dist", import.meta.url)), join(desk.path, "alone/dist"), { recursive: true });
  cpSync(fileURLToPath(new URL("../package.json", import.meta.url)), join(desk.path, "alone/package.json"));
  const { code, stderr } = await shell(`${process.execPath} alone/dist/bin.js query small.plr "select 1"`, { cwd: desk.path });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "pagelapse: query: expected DuckDB to be installed, found none: npm install @duckdb/node-api beside pagelapse, or --global as that is\n",
  });
});
