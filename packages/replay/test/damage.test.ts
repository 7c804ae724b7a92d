import { expect, test } from "vitest";
import { cutLaw, flipLaw } from "./damaged.ts";
import { open } from "./history.ts";

test("a recording cut at any byte opens up to its last whole segment, and says where it was cut", async () => {
  const { whole, part, none } = await cutLaw({ numRuns: 100 });
  expect(Math.min(whole, part, none)).toBeGreaterThan(1);
});

test("a flipped bit is named, and never shown", async () => {
  const { named, harmless } = await flipLaw({ numRuns: 150 });
  expect(named).toBeGreaterThan(50);
  expect(harmless).toBeGreaterThan(3);
});

test("what is no recording is refused", async () => {
  await expect(open(new Uint8Array())).rejects.toThrow("byte 0 of the recording: expected 24 bytes of header, found 0 bytes");
  await expect(open(new Uint8Array(100))).rejects.toThrow("byte 0 of the recording: expected the mark of a recording");
});
