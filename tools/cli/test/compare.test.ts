// Strategies compared on one trace: tables, the object, the chart, and what is refused.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Desk, ls, run, sqlite } from "./command.ts";
import { map, store, stream } from "./stream.ts";

const desk = new Desk();
afterAll(() => desk.clear());

interface Compared {
  readonly stores: number;
  readonly intervals: readonly {
    readonly every: number;
    readonly checkpoints: number;
    readonly changedPages: number;
    readonly strategies: readonly ComparedStrategy[];
  }[];
  readonly dirtied: readonly { readonly interval: number; readonly intervals: number; readonly pages: number }[];
  readonly preCopy?: { readonly end: string; readonly rounds: readonly { readonly pages: number }[]; readonly pages: number };
}

interface ComparedStrategy {
  readonly name: string;
  readonly checkpoints: number;
  readonly bytes: number;
  readonly pagesSaved: number;
  readonly needlessPages: number;
  readonly wrongPages: number;
  readonly faults: number;
  readonly flushes: number;
  readonly shootdowns: number;
  readonly pause: { readonly first: number; readonly later: number };
  readonly restores: readonly { readonly images: number; readonly files: number; readonly pages: number }[];
  readonly granules?: readonly { readonly granuleBytes: number; readonly pages: number }[];
  readonly intervals?: { readonly young: number; readonly daly: number };
}

async function compared(...words: readonly string[]): Promise<Compared> {
  const { code, stdout, stderr } = await run(["compare", ...words, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Compared;
}

function strategyOf({ intervals: [first] }: Compared, name: string): ComparedStrategy {
  const found = first.strategies.find((strategy) => strategy.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

test("every right strategy brings everything back, and saves no less than what changed", async () => {
  const result = await compared(sqlite);
  const [{ strategies, changedPages, checkpoints }] = result.intervals;
  const right = ["dirty-bit", "soft-dirty", "write-protect", "dirty-log", "content-hash", "sub-page", "forked"];
  for (const name of right) {
    const { wrongPages, pagesSaved, needlessPages, restores } = strategyOf(result, name);
    expect([name, wrongPages, pagesSaved - needlessPages]).toEqual([name, 0, changedPages]);
    expect([restores.length, restores.at(-1)?.images]).toEqual([checkpoints, checkpoints]);
  }
  expect(strategies.length).toBeGreaterThan(right.length);
  expect(strategyOf(result, "content-hash").needlessPages).toBe(0);
  expect(strategyOf(result, "report-incremental").needlessPages).toBeGreaterThan(0);
  expect(strategyOf(result, "sub-page").bytes).toBeLessThan(strategyOf(result, "dirty-bit").bytes);
});

test("what is not flushed is lost, and a TLB that remembers nothing loses nothing", async () => {
  const words = [sqlite, "--strategies", "dirty-bit-no-flush"];
  expect(strategyOf(await compared(...words), "dirty-bit-no-flush").wrongPages).toBeGreaterThan(0);
  expect(strategyOf(await compared(...words, "--tlb", "0"), "dirty-bit-no-flush").wrongPages).toBe(0);
});

test("taking W away costs faults, more processors cost shootdowns, and prices make the pause", async () => {
  const words = [ls, "--every", "20k", "--strategies", "dirty-bit,write-protect"];
  const one = await compared(...words);
  expect(strategyOf(one, "dirty-bit").faults).toBe(0);
  expect(strategyOf(one, "write-protect").faults).toBeGreaterThan(0);
  expect(strategyOf(one, "dirty-bit").shootdowns).toBe(0);
  expect(strategyOf(await compared(...words, "--processors", "2"), "dirty-bit").shootdowns).toBeGreaterThan(0);
  const free = "scan=0s,check=0s,copy=0s,fork=0s,write=0s,sync=1s,flush=0s,shootdown=0s,fault=0s";
  const { pause } = strategyOf(await compared(...words, "--cost", free), "dirty-bit");
  expect([Number.isInteger(pause.first), pause.first > 1]).toEqual([true, true]);
});

test("distinct pages dirtied are those that a count by hand finds, and a coarse granule saves whole groups", async () => {
  // Page 0 at each store, and pages 0 to 15 in turn.
  const places = Array.from({ length: 64 }, (_, index) => 0x10000 + (index & 1 ? ((index >> 1) & 15) * 4096 : 0));
  const trace = desk.put(
    "turns.mr",
    stream(map(0x10000, 16 * 4096), ...places.map((address, index) => store(address, index + 1))),
  );
  const result = await compared(trace, "--every", "16", "--strategies", "dirty-bit", "--page-size", "4k,64k");
  for (const { interval, intervals, pages } of result.dirtied) {
    let counted = 0;
    for (let start = 0; start + interval <= 64; start += interval) {
      counted += new Set(places.slice(start, start + interval)).size;
    }
    expect([interval, intervals, pages]).toEqual([interval, Math.floor(64 / interval), counted]);
  }
  expect(result.dirtied.length).toBeGreaterThan(3);
  const { granules = [], pagesSaved } = strategyOf(result, "dirty-bit");
  // Eight pages are stored to in each interval of sixteen, page 0 among them; after two intervals all sixteen have content.
  expect([granules[0].pages, granules[0].pages]).toEqual([pagesSaved, 8 + 9 + 8 + 9]);
  expect(granules[1].pages).toBe(8 + 16 + 16 + 16);
});

test("several intervals, failures and a copy to another machine are told when they are asked for", async () => {
  const words = ["--every", "20k,40k", "--strategies", "dirty-bit", "--mtbf", "12h", "--precopy", "10G,1ms"];
  const result = await compared(ls, ...words);
  expect(result.intervals.map(({ every }) => every)).toEqual([20_000, 40_000]);
  const { intervals, pause } = strategyOf(result, "dirty-bit");
  expect(intervals?.young).toBeCloseTo(Math.sqrt(2 * pause.later * 12 * 3600), 6);
  expect(Math.abs((intervals?.daly ?? 0) / (intervals?.young ?? 1) - 1)).toBeLessThan(0.01);
  expect(result.preCopy?.end).toBe("converged");
  expect(result.preCopy?.rounds[0].pages).toBe(result.preCopy?.pages);
  const plain = await compared(ls, "--strategies", "dirty-bit");
  expect([plain.preCopy, strategyOf(plain, "dirty-bit").intervals]).toEqual([undefined, undefined]);
});

test("tables fit 80 columns, whatever is asked for", async () => {
  const words = ["--page-size", "4k,64k,2M", "--mtbf", "12h", "--precopy", "1G,1ms", "--every", "20k,100k"];
  const { code, stdout, stderr } = await run(["compare", ls, ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const line of stdout.replaceAll(ls, "ls.mr.gz").split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(/\nsub-page writes least of those that came back right: /);
});

test("a strategy that the processor has no bits for has empty cells and says why", async () => {
  const { code, stdout } = await run(["compare", ls, "--arch", "sv39", "--every", "50k", "--strategies", "soft-dirty,dirty-bit"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nsoft-dirty +- +- +- +- +- +-\n/);
  expect(stdout.replaceAll(/\n +/g, " ")).toContain("entries of sv39 have no soft-dirty bit");
});

test("a trace that ends before the first checkpoint says so", async () => {
  const { code, stdout } = await run(["compare", ls, "--every", "1G", "--strategies", "dirty-bit"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/No checkpoint was taken: the trace has only 197,176 stores/);
});

const chromium = ["chromium", "chromium-browser", "google-chrome"].find((name) => spawnSync(name, ["--version"]).status === 0);

test("a chart stands by itself: no script, nothing loaded, text escaped", async () => {
  const trace = desk.put("<b>&.mr.gz", readFileSync(ls));
  for (const file of ["sizes.svg", "sizes.html"]) {
    const path = join(desk.path, file);
    const words = ["compare", trace, "--every", "20k", "--strategies", "dirty-bit,dirty-bit-no-flush", "--chart", path];
    expect((await run(words)).code).toBe(0);
    const text = readFileSync(path, "utf8");
    expect(text).toContain("&lt;b&gt;&amp;.mr.gz");
    expect(text.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/<script|https?:|<b>|url\(|@import/);
  }
});

test.skipIf(chromium === undefined)(
  `a browser draws it: a line a strategy, none of its text outside${chromium === undefined ? " (skipped: no chromium here)" : ""}`,
  async () => {
    const path = join(desk.path, "drawn.html");
    expect((await run(["compare", sqlite, "--chart", path])).code).toBe(0);
    const measure = `<script>addEventListener("load", () => {
      const svg = document.querySelector("svg.sizes");
      const box = svg.getBoundingClientRect();
      const outside = [...svg.querySelectorAll("text")].filter((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
      });
      const lines = [...svg.querySelectorAll(".strategy polyline")].filter((line) => line.getTotalLength() > 0).length;
      document.title = "measured" + JSON.stringify({ lines, outside: outside.map((text) => text.textContent) });
    });</script>`;
    const page = desk.put("measured.html", `${readFileSync(path, "utf8")}${measure}`);
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,900", "--dump-dom", `file://${page}`];
    const dom = execFileSync(chromium ?? "", flags, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const [, title] = /<title>measured(.*?)<\/title>/.exec(dom) ?? [];
    // report-as-printed takes no checkpoint.
    const drawn = (await compared(sqlite)).intervals[0].strategies.filter(({ checkpoints }) => checkpoints > 0).length;
    expect(JSON.parse(title)).toEqual({ lines: drawn, outside: [] });
  },
  60_000,
);

test.each([
  ["--every 0", '--every: expected a whole number of at least 1, such as 100k, found "0"'],
  ["--page-size 5k", '--page-size: expected 1 to 6 powers of two from 4k to 1024M between commas, each once, found "5k"'],
  ["--precopy 1G", '--precopy: expected a time such as 20us, 1.5s, 30min or 12h, found ""'],
  ["--mtbf 12", '--mtbf: expected a time such as 20us, 1.5s, 30min or 12h, found "12"'],
  ["--cost copy=1", '--cost: expected a time such as 20us, 1.5s, 30min or 12h, found "1"'],
  ["--processors 0", '--processors: expected 1 to 64, found "0"'],
  ["--chart x.png", '--chart: expected a file that ends in .svg or .html, found "x.png"'],
  [
    "--chart /nonexistent/x.svg",
    "/nonexistent/x.svg: expected a file that a chart can be written to, found no such file or directory (ENOENT)",
  ],
])("compare %s is refused in one line", async (words, line) => {
  expect(await run(["compare", ls, ...words.split(" ")])).toEqual({ code: 2, stdout: "", stderr: `pagelapse: ${line}\n` });
  expect(existsSync("x.png")).toBe(false);
});

test("a misspelt strategy is refused with the nearest, and a module of one's own is taken", async () => {
  const wrong = await run(["compare", ls, "--strategies", "dirty-bti"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/^pagelapse: --strategies: .*did you mean dirty-bit\?/)]);
  const own = desk.put(
    "mine.mjs",
    `import { trackingStrategy } from "@pagelapse/checkpoint";
     export default trackingStrategy({ name: "mine", claim: "correct", summary: "everything, always",
       track: () => ({ look: () => () => "changed", clear: () => undefined }) });`,
  );
  const mine = strategyOf(await compared(ls, "--every", "50k", "--strategies", own), "mine");
  expect([mine.wrongPages, mine.needlessPages > 0]).toEqual([0, true]);
});
