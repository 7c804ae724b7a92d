// The main job, end to end: real programs, checkpoints on disk, memory rebuilt and judged.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Desk, ls, run, sqlite } from "./command.ts";
import { final, map, page, record, start, store, stream } from "./stream.ts";

const desk = new Desk();
afterAll(() => desk.clear());

/** What `--json` promises. */
interface ReplayJson {
  readonly trace: string;
  readonly stores: number;
  readonly kernelWrites: number;
  readonly seconds: number;
  readonly final: { readonly pages: number; readonly wrongBytes: number };
  readonly strategies: readonly Record<string, number | string>[];
  readonly out: string;
  readonly held: boolean;
  readonly findings: readonly string[];
}

async function replayJson(...words: readonly string[]): Promise<{ code: number | null; json: ReplayJson }> {
  const { code, stdout, stderr } = await run(["replay", ...words, "--json"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return { code, json: JSON.parse(stdout) };
}

describe("sqlite, as npm start replays it", () => {
  test("prints one table, sentences, and what to try next, in 80 columns", async () => {
    const { code, stdout, stderr } = await run(["replay", sqlite, "--out", join(desk.path, "sqlite")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const name of ["dirty-bit", "report-basic", "report-incremental"]) {
      expect(stdout).toMatch(new RegExp(`^${name} +7 +\\d+ +\\d+\\.\\d [kM]B +\\d+\\.\\d % +0 +\\d+\\.\\d+ s$`, "m"));
    }
    const text = stdout.replaceAll("\n  ", " ");
    expect(text).toContain(
      "memory came back right at each of 7 checkpoints, the last one also from the whole chain in a fresh machine.",
    );
    expect(text).toMatch(/report-incremental: saved every present page every time \((\d+) of \1 after the first checkpoint\)/);
    expect(text).toContain("FINAL agrees in every machine: 116 pages of the real program, 0 wrong bytes.");
    expect(text).toContain("Held: dirty-bit claims to be correct, and was.");
    expect(stdout).toMatch(/\nTry next:\n {2}node \S+bin\.js events \S+ --count 20\n$/);
    const own = stdout.split("\n").filter((line) => !line.includes(desk.path) && !line.includes("bin.js"));
    expect(own.filter((line) => line.length > 80 || line.endsWith(" "))).toEqual([]);
    expect(stdout).not.toContain("\u001b");
  });

  test("leaves each strategy's files where it was told", () => {
    const files = new Map(
      ["dirty-bit", "report-basic", "report-incremental"].map((name) => [name, readdirSync(join(desk.path, "sqlite", name))]),
    );
    expect(files.get("report-basic")?.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6].map((count) => `cp_1_${count}`));
    expect(files.get("report-incremental")).toHaveLength(7);
    expect(files.get("dirty-bit")).toHaveLength(7);
    expect(files.get("dirty-bit")?.filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("--json is one object of the promised shape", async () => {
    const { code, json } = await replayJson(sqlite, "--out", join(desk.path, "sqlite-json"));
    expect(code).toBe(0);
    expect(Object.keys(json).slice(0, 6)).toEqual(["trace", "stores", "kernelWrites", "seconds", "final", "strategies"]);
    expect({ ...json, seconds: 0 }).toMatchObject({
      trace: sqlite,
      stores: 773_277,
      kernelWrites: 24,
      final: { pages: 116, wrongBytes: 0 },
      held: true,
    });
    const names = [
      "name",
      "checkpoints",
      "events",
      "pagesSaved",
      "bytes",
      "fullBytes",
      "wrongPages",
      "lost",
      "stale",
      "resurrected",
      "seconds",
    ];
    for (const strategy of json.strategies) {
      expect(Object.keys(strategy).slice(0, names.length)).toEqual(names);
      expect(strategy).toMatchObject({ checkpoints: 7, wrongPages: 0, lost: 0, stale: 0, resurrected: 0 });
      expect(strategy["events"]).toBeGreaterThan(json.stores);
    }
    const [dirtyBit, basic, incremental] = json.strategies;
    expect(dirtyBit["bytes"]).toBeLessThan(Number(dirtyBit["fullBytes"]) / 2);
    expect(basic["bytes"]).toBe(basic["fullBytes"]);
    expect(incremental["pagesSaved"]).toBe(basic["pagesSaved"]);
    expect(json.findings.at(-1)).toBe("Held: dirty-bit claims to be correct, and was.");
  });
});

describe("a trace", () => {
  test("comes through stdin, packed or not", async () => {
    const bytes = readFileSync(ls);
    const { code, stdout } = await run(["replay", "-", "--json", "--strategy", "dirty-bit", "--out", join(desk.path, "stdin")], {
      stdin: bytes,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ trace: "-", stores: 197_176, final: { pages: 65, wrongBytes: 0 } });
  });

  test("gives the same memory with any TLB, and on any strategy alone", async () => {
    for (const tlb of ["0", "1x1"]) {
      const { code, json } = await replayJson(
        ls,
        "--tlb",
        tlb,
        "--every",
        "20k",
        "--strategy",
        "dirty-bit",
        "--out",
        join(desk.path, `tlb-${tlb}`),
      );
      expect({ code, held: json.held, checkpoints: json.strategies[0]["checkpoints"] }).toEqual({
        code: 0,
        held: true,
        checkpoints: 9,
      });
    }
  });

  test("too short for a checkpoint says so, and how to have some", async () => {
    const path = desk.put("short.mr", stream(map(0x10000, 4096), ...Array.from({ length: 25 }, (_, i) => store(0x10000 + i, i))));
    const { code, stdout } = await run(["replay", path, "--out", join(desk.path, "short")]);
    expect(code).toBe(0);
    expect(stdout).toContain("No checkpoint was taken: the trace has only 25 stores.");
    expect(stdout).toContain("The trace ends without contents to compare the last memory with.");
    expect(stdout).toMatch(/Try next:\n.* replay \S+short\.mr --every 3\n$/);
  });
});

describe("what is found", () => {
  /** A page is written, saved and unmapped; then come more stores and another checkpoint. */
  const unmapped = stream(
    map(0x10000, 8192),
    store(0x10000, 1),
    store(0x11000, 2),
    record(0x11, 0, 0x10000, 4096),
    store(0x11000, 3),
    store(0x11001, 4),
  );

  test("a page that the report's increments bring back though it is gone", async () => {
    const path = desk.put("unmapped.mr", unmapped);
    const { code, json } = await replayJson(path, "--every", "2", "--out", join(desk.path, "unmapped"));
    expect(code).toBe(0);
    const [dirtyBit, basic, incremental] = json.strategies;
    expect([dirtyBit["wrongPages"], basic["wrongPages"], incremental["wrongPages"], incremental["resurrected"]]).toEqual([
      0, 0, 1, 1,
    ]);
    expect(json.findings).toContain(
      "report-incremental: 1 page came back wrong; the first is 0x10000 at checkpoint 2, there though nothing is mapped.",
    );
  });

  test("the listing as printed fails at each checkpoint, and claims nothing", async () => {
    const path = desk.put("printed.mr", unmapped);
    const { code, json } = await replayJson(
      path,
      "--every",
      "1",
      "--strategy",
      "report-as-printed",
      "--out",
      join(desk.path, "printed"),
    );
    expect({ code, checkpoints: json.strategies[0]["checkpoints"] }).toEqual({ code: 0, checkpoints: 0 });
    expect(json.findings[0]).toMatch(/^report-as-printed: 4 checkpoints failed, beginning with checkpoint 1: NULL dereference: /);
    expect(json.findings.at(-1)).toBe("No strategy here claims to be correct.");
  });

  test("FINAL contents that differ are told, with exit code 1", async () => {
    const path = desk.put("liar.mr", stream(start(0x10000, page()), store(0x10008, 7), final(0x10000, page({ 8: 9, 100: 1 }))));
    const { code, stdout, stderr } = await run([
      "replay",
      path,
      "--every",
      "1",
      "--strategy",
      "dirty-bit",
      "--out",
      join(desk.path, "liar"),
    ]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout.replaceAll("\n  ", " ")).toContain(
      "FINAL disagrees: 2 wrong bytes in the machine of dirty-bit; the first is 0x10008, expected 0x9, found 0x7.",
    );
    const { json } = await replayJson(path, "--every", "1", "--out", join(desk.path, "liar-json"));
    expect(json).toMatchObject({ final: { pages: 1, wrongBytes: 2 }, held: false });
  });
});

describe("colour", () => {
  test("only where it is wanted", async () => {
    const words = ["replay", ls, "--strategy", "dirty-bit", "--out"];
    const forced = await run([...words, join(desk.path, "forced")], { env: { FORCE_COLOR: "1" } });
    expect(forced.stdout).toContain("\u001b[32mHeld: dirty-bit claims to be correct, and was.\u001b[39m");
    const both = await run([...words, join(desk.path, "both")], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(both.stdout).not.toContain("\u001b");
  });
});

test("without --out the files go to a temporary folder of their own", async () => {
  const tmp = mkdtempSync(join(desk.path, "tmp-"));
  const { stdout } = await run(["replay", ls, "--json", "--strategy", "dirty-bit"], { env: { TMPDIR: tmp } });
  const { out }: { readonly out: string } = JSON.parse(stdout);
  expect(out.startsWith(join(tmp, "pagelapse-"))).toBe(true);
  expect(existsSync(join(out, "dirty-bit"))).toBe(true);
  rmSync(tmp, { recursive: true });
});
