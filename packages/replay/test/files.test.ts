import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Recorder, Timeline } from "@pagelapse/replay";
import { deflate, openFileSink, openFileSource } from "@pagelapse/replay/node";
import { blobSource, openHttpSource } from "@pagelapse/replay/web";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { digestAt, digestOf, historyOf, recordingOf, tinyMachine } from "./history.ts";
import { programs } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 21 })[0]);
const middle = Math.floor(history.moments / 2);

test("a recording in a file is the one that memory would hold, and no file is written over", async () => {
  const path = join(folder, "recording");
  const sink = openFileSink(path);
  const recorder = new Recorder({ sink, machine: tinyMachine });
  for (const batch of history.batches) recorder.add(batch);
  recorder.close();
  sink.sync();
  sink.close();
  expect(Buffer.compare(readFileSync(path), recordingOf(history))).toBe(0);
  expect(() => openFileSink(path)).toThrow("EEXIST");
  const source = openFileSource(path);
  const timeline = await Timeline.open(source);
  expect(await timeline.look(middle, digestOf)).toBe(digestAt(history, middle));
  source.close();
});

test("a recording that deflate packed needs deflate to be read", async () => {
  const source = blobSource(new Blob([Uint8Array.from(recordingOf(history, { codec: deflate }))]));
  const timeline = await Timeline.open(source, { codecs: [deflate] });
  expect(await timeline.look(middle, digestOf)).toBe(digestAt(history, middle));
  const without = await Timeline.open(source);
  await expect(without.event(middle)).rejects.toThrow("expected a codec that was given, found codec 1");
  expect((await timeline.event(middle)).moment).toBe(middle);
});

test("a recording is read from a server in ranges; one that serves none is refused", async () => {
  const bytes = recordingOf(history);
  const server = createServer((request, response) => {
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
    if (request.url !== "/ranges" || range === null) return void response.end(bytes);
    const [start, end] = [Number(range[1]), Number(range[2])];
    response.writeHead(206, { "content-range": `bytes ${start}-${end}/${bytes.length}` });
    response.end(bytes.subarray(start, end + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const timeline = await Timeline.open(await openHttpSource(`${address}/ranges`));
    expect(await timeline.look(middle, digestOf)).toBe(digestAt(history, middle));
    await expect(openHttpSource(`${address}/whole`)).rejects.toThrow(
      "expected an answer of 206 with a range of bytes, found 200",
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
