// Bad input of every kind: one line that names the file, the place, what was expected and what was found; exit code 2.

import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { Desk, ls, run, shell } from "./command.ts";
import type { Run } from "./command.ts";
import { final, map, page, record, start, store, stream } from "./stream.ts";

const desk = new Desk();
afterAll(() => desk.clear());

/** One page at 0x10000, a store into it, and the page as it is at the end. */
const whole = stream(start(0x10000, page()), store(0x10008, 7), final(0x10000, page({ 8: 7 })));
const packed = gzipSync(whole);
const mapped = start(0x10000, page());

/** The line that refuses a file, the file's name shown as FILE. */
function refusalOf(result: Run, path: string): string {
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: "" });
  expect(result.stderr).toMatch(/^pagelapse: [^\n]*\n$/);
  return result.stderr.slice("pagelapse: ".length, -1).replaceAll(path, "FILE");
}

async function refusedBy(command: string, name: string, bytes: Uint8Array | string): Promise<string> {
  const path = desk.put(name, bytes);
  return refusalOf(await run([command, path]), path);
}

test("the notation makes a stream that is replayed", async () => {
  for (const bytes of [whole, packed]) {
    const { code, stderr } = await run(["replay", desk.put("whole", bytes), "--every", "1"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  }
});

describe("what is no trace", () => {
  test("a missing file, and one whose name has control characters", async () => {
    const path = join(desk.path, "missing");
    for (const command of ["replay", "info", "events"]) {
      expect(refusalOf(await run([command, path]), path)).toBe(
        "FILE: expected a trace, found no such file or directory (ENOENT)",
      );
    }
    expect((await run(["info", `${path}\u001b[2J\n`])).stderr).toContain("missing\\e[2J\\n: expected a trace");
  });

  test("a directory", async () => {
    expect(refusalOf(await run(["replay", desk.path]), desk.path)).toBe("FILE: expected a trace, found a directory");
  });

  const anyTrace = "expected a recorded stream (VMERREC1) or the text of valgrind's lackey";
  const files: readonly (readonly [name: string, bytes: Uint8Array | string, line: string])[] = [
    ["an empty file", "", `FILE: offset 0: ${anyTrace}, found nothing`],
    ["text that calls itself gzip", "hello\nworld", `FILE: offset 0: ${anyTrace}, found "hello\\nwo"`],
    ["a wrong magic", "VMERREC2........", 'FILE: offset 0: expected the magic VMERREC1, found "VMERREC2"'],
    ["truncated gzip", packed.subarray(0, 40), "FILE: offset 40: expected more gzip data, found the end of the file"],
    ["gzip's magic alone", packed.subarray(0, 2), "FILE: offset 2: expected more gzip data, found the end of the file"],
    ["gzip of nothing", gzipSync(""), `FILE (unpacked): offset 0: ${anyTrace}, found nothing`],
    [
      "garbage after gzip",
      Buffer.concat([packed, Buffer.from("garbage")]),
      "FILE: offset 0 or later: expected gzip data, found incorrect header check",
    ],
    [
      "zeros after gzip",
      Buffer.concat([packed, new Uint8Array(9)]),
      `FILE: offset ${packed.length}: expected the end of the file, found bytes after the gzip data`,
    ],
  ];
  test.each(files)("%s", async (name, bytes, line) => {
    expect(await refusedBy("replay", `${name}.mr.gz`, bytes)).toBe(line);
  });
});

describe("streams that end early or lie", () => {
  test("truncated anywhere, it names the file and an offset", async () => {
    const results = await Promise.all(
      cuts.map(async (byteCount) => ({
        byteCount,
        line: await refusedBy("info", `cut-to-${byteCount}`, whole.subarray(0, byteCount)),
      })),
    );
    for (const { byteCount, line } of results)
      expect(line, `cut to ${byteCount}`).toMatch(/^FILE: offset \d+: expected .+, found .+$/);
  });

  /** Places of every kind: in the magic, between and inside header words, fields, bytes and contents. */
  const cuts = [1, 7, 9, 15, 16, 47, 48, 4143, 4145, 4152, 4159, 4161, whole.length - 4096, whole.length - 1];

  const streams: readonly (readonly [name: string, bytes: Uint8Array, line: string])[] = [
    ["an unknown type of record", stream(mapped, record(0x77, 0, 0)), "FILE: offset 4144: expected a type of record, found 0x77"],
    [
      "an absurd length",
      stream(map(0x10000, 2 ** 60)),
      "FILE: offset 8: expected at most 0x7ffffffef000 bytes from 0x10000 on, found 0x1000000000000000",
    ],
    [
      "an absurd length of a name",
      stream(record(0x10, 0, 0x10000, 4096, 3, 0, 2 ** 40)),
      "FILE: offset 8: expected a name of at most 4096 bytes, found one of 1099511627776",
    ],
    ["no length", stream(map(0x10000, 0)), "FILE: offset 8: expected 1 byte or more, found none"],
    [
      "a store outside every area",
      stream(mapped, store(0x90_0000, 1)),
      "FILE: offset 4144: expected an address inside a writable area, found 0x900000 (unmapped)",
    ],
    [
      "a store to memory that is only read",
      stream(map(0x10000, 4096, 1), store(0x10000, 1)),
      "FILE: offset 48: expected an address inside a writable area, found 0x10000 (forbidden)",
    ],
    [
      "a kernel write outside every area",
      stream(mapped, record(0x16, 0, 0x90_0000, 8, 8)),
      "FILE: offset 4144: expected an address inside a writable area, found 0x900000 (unmapped)",
    ],
    [
      "more after its last record",
      Buffer.concat([whole, Uint8Array.of(1)]),
      "FILE: offset 8296: expected 7 more bytes of a record's header, found the end of the trace",
    ],
  ];
  test.each(streams)("%s", async (name, bytes, line) => {
    expect(await refusedBy("replay", `${name}.mr`, bytes)).toBe(line);
  });

  test("offsets in gzip are those of what is in it", async () => {
    const line = await refusedBy("replay", "packed.mr.gz", gzipSync(stream(mapped, record(0x77, 0, 0))));
    expect(line).toBe("FILE (unpacked): offset 4144: expected a type of record, found 0x77");
  });

  test("events prints what came before", async () => {
    const path = desk.put("late.mr", stream(mapped, store(0x10000, 1), store(0x90_0000, 1)));
    const { code, stdout, stderr } = await run(["events", path, "--kind", "store"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^ *moment .*\n +\d+ {2}store +0x10000 .*\n$/);
    expect(stderr).toContain("found 0x900000 (unmapped)");
  });
});

describe("flags that do not fit the trace", () => {
  test("an architecture that cannot hold its addresses", async () => {
    const path = desk.put("high.mr", stream(start(0x1_0000_0000, page())));
    expect(refusalOf(await run(["replay", path, "--arch", "i386"]), path)).toBe(
      "FILE: offset 8: expected an address below 0xc0000000, found 0x100000000",
    );
    expect((await run(["replay", path])).code).toBe(0);
  });

  test("too little RAM", async () => {
    for (const command of ["replay", "info", "events"]) {
      const { code, stderr } = await run([command, ls, "--ram", "256K"]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: "pagelapse: --ram: expected room for what the trace touches, found all 64 frames (0.25 MiB) in use\n",
      });
    }
  });

  test("layouts beside a recorded stream, and a file that holds none", async () => {
    const maps = desk.put("maps", "nothing here\n");
    expect((await run(["info", ls, "--maps", maps])).stderr).toBe(
      "pagelapse: --maps: expected lackey text beside it, found a recorded stream\n",
    );
    const lackey = desk.put("one.lackey", " S 04000000,8\n");
    expect(refusalOf(await run(["info", lackey, "--maps", maps]), maps)).toMatch(
      /^FILE: offset \d+ \(line \d+\): expected .*layout.*, found /,
    );
  });
});

describe("places where nothing can be written", () => {
  test("below a file", async () => {
    const file = desk.put("file", "");
    const out = join(file, "below");
    expect(refusalOf(await run(["replay", ls, "--out", out]), out)).toBe(
      "FILE: expected a folder that can be written to, found a file where a directory must be (ENOTDIR)",
    );
  });

  test("a file", async () => {
    const out = desk.put("a-file", "mine");
    expect(refusalOf(await run(["replay", ls, "--out", out]), out)).toMatch(
      /^FILE: expected a folder that can be written to, found /,
    );
    expect(readFileSync(out, "utf8")).toBe("mine");
  });

  test("where the host allows nothing", async () => {
    const out = "/proc/pagelapse";
    expect(refusalOf(await run(["replay", ls, "--out", out]), out)).toMatch(
      /^FILE: expected a folder that can be written to, found .+ \(E[A-Z]+\)$/,
    );
  });

  test("where an earlier run's checkpoints are", async () => {
    const out = join(desk.path, "twice");
    mkdirSync(join(out, "report-basic"), { recursive: true });
    expect(refusalOf(await run(["replay", ls, "--out", out]), out)).toBe(
      "FILE: expected a folder without an earlier run's checkpoints, found report-basic/ in it",
    );
    expect(readdirSync(out)).toEqual(["report-basic"]);
  });

  test("a full standard output", async () => {
    const full = "standard output: expected room for the result, found no space left on the device (ENOSPC)";
    for (const words of [`replay ${ls}`, `info ${ls}`, `events ${ls}`, "--help", "replay --help", "--version"]) {
      const { code, stderr } = await shell(`$PAGELAPSE ${words} > /dev/full`);
      expect({ words, code, stderr }).toEqual({ words, code: 2, stderr: `pagelapse: ${full}\n` });
    }
  });

  test("a full standard error", async () => {
    expect((await shell(`$PAGELAPSE replay ${ls} --evry 3 2> /dev/full`)).code).toBe(2);
  });
});

/** Files may have so many blocks of 512 bytes: the limit stands in for a full disk wherever the tests run. */
const limited = (strategy: string, out: string): string =>
  `ulimit -f 100; $PAGELAPSE replay ${ls} --every 10k --strategy ${strategy} --out ${out}`;

describe("a disk that fills up", () => {
  test.each(["dirty-bit", "report-basic", "report-incremental"])("%s: told at once, and nothing stays", async (strategy) => {
    const out = join(desk.path, `limited-${strategy}`);
    const line = refusalOf(await shell(limited(strategy, out)), out);
    expect(line).toMatch(
      /^FILE\/[\w-]+\/[\w-]+: offset \d+: expected a disk that takes a checkpoint file, found the limit on file sizes reached \(EFBIG\)$/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test("a folder that was there stays, without what was half done", async () => {
    const out = join(desk.path, "kept");
    mkdirSync(join(out, "notes"), { recursive: true });
    refusalOf(await shell(limited("dirty-bit", out)), out);
    expect(readdirSync(out)).toEqual(["notes"]);
  });

  test("a small file system", async ({ skip }) => {
    const disk = join(desk.path, "disk");
    mkdirSync(disk);
    const mounted = await shell(`mount -t tmpfs -o size=256k tmpfs ${disk}`);
    if (mounted.code !== 0) skip(`no file system can be mounted here: ${mounted.stderr}`);
    try {
      const out = join(disk, "out");
      expect(refusalOf(await run(["replay", ls, "--every", "10k", "--out", out]), out)).toMatch(
        /^FILE\/.+ found no space left on the device \(ENOSPC\)$/,
      );
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      await shell(`umount ${disk}`);
    }
  });
});

test("the bundled traces are gzip of recorded streams", () => {
  expect(gunzipSync(readFileSync(ls)).subarray(0, 8).toString()).toBe("VMERREC1");
});
