// A strategy of a user's own, put to the proof in the user's own tests: found wrong, and then right.

import { trackingStrategy } from "@pagelapse/checkpoint";
import type { PageTracker, Strategy } from "@pagelapse/checkpoint";
import { printScenario } from "@pagelapse/trace";
import { checkStrategy } from "@pagelapse/trace/testing";
import { expect, test } from "vitest";

/** Keeps a checksum of every page, and takes a page for unchanged if its checksum is. */
function checksums(checksumOf: (bytes: Uint8Array) => number): Strategy {
  const track = (): PageTracker => {
    const before = new Map<string, number>();
    return {
      look: (tracked) => (page) => {
        const bytes = new Uint8Array(4096);
        tracked.memory.read(page.pfn * 4096, bytes);
        const [key, checksum] = [`${page.address} of ${page.memory}`, checksumOf(bytes)];
        const isSame = before.get(key) === checksum;
        before.set(key, checksum);
        return isSame ? "unchanged" : "changed";
      },
      clear: () => undefined,
    };
  };
  return trackingStrategy({ name: "checksums", claim: "correct", summary: "pages whose checksum changed", track });
}

test("a sum of bytes misses what moves within a page", () => {
  const result = checkStrategy(checksums((bytes) => bytes.reduce((sum, byte) => sum + byte, 0)));
  if (result.kind === "holds") throw new Error("found nothing");
  expect(result.lost).toBe("loses A.0 at K1");
  expect(result.explanation[0]).toMatch(/^K1 brings A\.0 back as K0 saved it/);
  expect(printScenario(result.scenario)).toContain("checkpoint K1  # does not save A.0");
});

test("a checksum that heeds every place of a byte holds", () => {
  // FNV-1a
  const hash = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => Math.imul(sum ^ byte, 0x0100_0193), 0x811c_9dc5 | 0);
  const result = checkStrategy(checksums(hash), { runs: 300, seed: 7 });
  expect(result.kind).toBe("holds");
});
