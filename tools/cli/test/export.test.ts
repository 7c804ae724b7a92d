// Exported events read back by other readers, and compared with the recording.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MachineEvent } from "@pagelapse/events";
import { tableFromIPC } from "apache-arrow";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, test } from "vitest";
import { Desk, ls, run, shell } from "./command.ts";
import { recordScenario, recordTrace, timelineOf } from "./recording.ts";

const desk = new Desk();
afterAll(() => desk.clear());

const bytes = recordScenario(
  ["map A 2 rw anon", "w A.0 0xffffffffffffffff", "w A.0+8 0x0102", "r A.1", "checkpoint K0", "fork 7", "w A.0 3"],
  "recorded",
);
const path = desk.put("small.plr", bytes);
const large = desk.put("large.plr", recordTrace(ls));

/** A row as the recording has it. */
type Row = Readonly<Record<string, unknown>>;

async function rowsOf(recording: Uint8Array): Promise<readonly Row[]> {
  const timeline = await timelineOf(recording);
  const rows: Row[] = [];
  for await (const batch of timeline.batches())
    for (let row = 0; row < batch.count; row++) rows.push(rowOf(new MachineEvent(batch, row)));
  return rows;
}

function rowOf(event: MachineEvent): Row {
  const json = event.toJSON();
  const address = (name: string): bigint | null => (json[name] === undefined ? null : BigInt(json[name] as number));
  const written = "bytes" in json ? event.bytes : undefined;
  const digits = Buffer.from(event.bytes.toReversed()).toString("hex");
  return {
    moment: BigInt(event.moment),
    kind: event.kind,
    task: event.task,
    processor: event.processor,
    vaddr: address("vaddr"),
    paddr: address("paddr"),
    length: address("length"),
    value: written === undefined || written.length > 8 ? null : BigInt(`0x${digits}`),
    bytes: written === undefined ? null : Buffer.from(written).toString("hex"),
    source: address("from"),
    site: address("site"),
    origin: BigInt(event.origin),
    detail: event.detail === undefined ? null : JSON.stringify(event.detail),
  };
}

const expected = await rowsOf(bytes);

/** Exports to a file of that name, and returns where it is. */
async function exported(format: "parquet" | "arrow" | "jsonl", name: string, ...words: readonly string[]): Promise<string> {
  const file = join(desk.path, name);
  const { code, stderr } = await run(["export", path, `--${format}`, file, ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return file;
}

/** Bytes as digits: readers differ in what they make of them. */
function comparable(row: Row): Row {
  const raw = row["bytes"];
  return { ...row, bytes: raw instanceof Uint8Array ? Buffer.from(raw).toString("hex") : (raw ?? null) };
}

async function parquetRows(file: string): Promise<readonly Row[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), utf8: false });
  return rows.map((row) => comparable(row as Row));
}

function arrowRows(file: string): readonly Row[] {
  return [...tableFromIPC(readFileSync(file))].map((row) => comparable(row.toJSON() as Row));
}

describe("what is written is what was recorded", () => {
  test("the recording has every sort of event", () => {
    for (const column of ["value", "source", "detail", "vaddr"]) expect(expected.some((row) => row[column] !== null)).toBe(true);
    expect(expected.map((row) => row["value"])).toContain(0xffff_ffff_ffff_ffffn);
    expect(expected.map((row) => row["kind"])).toContain("load");
  });

  test("in Parquet", async () => {
    expect(await parquetRows(await exported("parquet", "all.parquet"))).toEqual(expected);
  });

  test("in Arrow", async () => {
    expect(arrowRows(await exported("arrow", "all.arrow"))).toEqual(expected);
  });

  test("in JSON, a line an event", async () => {
    const lines = readFileSync(await exported("jsonl", "all.jsonl"), "utf8")
      .split("\n")
      .slice(0, -1);
    const timeline = await timelineOf(bytes);
    expect(lines).toHaveLength(timeline.moments);
    for (const [moment, line] of lines.entries())
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(await timeline.event(moment))));
  });

  test("of a window and of some kinds alone", async () => {
    const words = ["--from", "5", "--to", "60", "--kind", "store,frame-copied"];
    const meant = expected.slice(5, 60).filter(({ kind }) => kind === "store" || kind === "frame-copied");
    expect(meant.length).toBeGreaterThan(1);
    expect(await parquetRows(await exported("parquet", "some.parquet", ...words))).toEqual(meant);
    expect(arrowRows(await exported("arrow", "some.arrow", ...words))).toEqual(meant);
    expect(readFileSync(await exported("jsonl", "some.jsonl", ...words), "utf8").split("\n")).toHaveLength(meant.length + 1);
  });

  test("also if it is nothing", async () => {
    expect(await parquetRows(await exported("parquet", "none.parquet", "--to", "0"))).toEqual([]);
    expect(arrowRows(await exported("arrow", "none.arrow", "--to", "0"))).toEqual([]);
  });

  test("in parts of 65,536 events at most", async () => {
    const parquet = join(desk.path, "large.parquet");
    const arrow = join(desk.path, "large.arrow");
    const { stdout } = await run(["export", large, "--parquet", parquet, "--json"]);
    await run(["export", large, "--arrow", arrow, "--kind", "store"]);
    const written: { readonly events: number } = JSON.parse(stdout);
    const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(parquet));
    const counts = groups.map(({ num_rows }) => Number(num_rows));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(written.events);
    expect(Math.max(...counts)).toBe(65_536);
    expect(Math.max(...tableFromIPC(readFileSync(arrow)).batches.map(({ numRows }) => numRows))).toBe(65_536);
  });
});

describe("a file is whole, or it is not there", () => {
  test("one that exists is never written over", async () => {
    const file = desk.put("mine.parquet", "mine");
    const { code, stderr } = await run(["export", path, "--parquet", file]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `pagelapse: ${file}: expected a file that does not exist yet, found one that does\n`,
    });
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  test.each(["parquet", "arrow", "jsonl"])("a recording that is damaged leaves nothing of %s", async (format) => {
    const damaged = Uint8Array.from(readFileSync(large));
    // A byte of what the events wrote.
    damaged[Math.floor(damaged.length / 3)] ^= 1;
    const file = desk.put("damaged.plr", damaged);
    const { code, stderr } = await run(["export", file, `--${format}`, join(desk.path, `damaged.${format}`)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^pagelapse: .*damaged\.plr: offset \d+: expected .*\n$/);
    expect(leftOf("damaged.")).toEqual(["damaged.plr"]);
  });

  test("a signal leaves nothing", async () => {
    const { stdout } = await shell(
      `$PAGELAPSE export ${large} --parquet ended.parquet & pid=$!; until ls | grep -q partial; do sleep 0.02; done; kill -TERM $pid; wait $pid; echo $?`,
      { cwd: desk.path },
    );
    expect(stdout).toBe("143\n");
    expect(leftOf("ended")).toEqual([]);
  });

  function leftOf(start: string): readonly string[] {
    return readdirSync(desk.path).filter((name) => name.startsWith(start));
  }
});

test.each<[words: readonly string[], line: string]>([
  [[], "export: expected one of --parquet, --arrow and --jsonl, found none"],
  [["--parquet", "a", "--arrow", "b"], "export: expected one of --parquet, --arrow and --jsonl, found 2"],
  [["--parquet", "a", "--kind", "stoer"], '--kind: expected a kind of event, found "stoer" (did you mean store?)'],
  [["--parquet", "a", "--to", "9999999"], `--to: expected a moment of 0 to ${expected.length}, found 9999999`],
  [["--parquet", "a", "--from", "7", "--to", "6"], "--from: expected a moment of 0 to 6, found 7"],
  [
    ["--parquet", "no/such/folder"],
    "no/such/folder: expected a file that does not exist yet, found no such file or directory (ENOENT)",
  ],
])("%j is refused in one line", async (words, line) => {
  expect(await run(["export", path, ...words], { cwd: desk.path })).toEqual({
    code: 2,
    stdout: "",
    stderr: `pagelapse: ${line}\n`,
  });
});
