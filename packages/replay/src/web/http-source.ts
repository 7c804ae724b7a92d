// A recording somewhere on the net, read in ranges.

import type { ByteSource } from "../reader/byte-source.ts";

/** A request costs far more than a few bytes: pages of 256 KiB are fetched, and the last 64 of them kept. */
const pageBytes = 2 ** 18;
const pageLimit = 64;

/** Opens a recording by its address. Throws an `Error` that says what the server answered, where it does not serve ranges. */
export async function openHttpSource(url: string): Promise<ByteSource> {
  const first = await fetch(url, { headers: { range: "bytes=0-0" } });
  const size = Number(/\/(\d+)$/.exec(first.headers.get("content-range") ?? "")?.[1]);
  if (first.status !== 206 || !Number.isSafeInteger(size)) {
    throw new Error(`${url}: expected an answer of 206 with a range of bytes, found ${first.status}`);
  }
  const pages = new Map<number, Promise<Uint8Array>>();
  const page = (number: number): Promise<Uint8Array> => {
    const kept = pages.get(number) ?? fetchRange(url, number * pageBytes, Math.min(size, (number + 1) * pageBytes));
    pages.delete(number);
    pages.set(number, kept);
    for (const oldest of pages.keys()) {
      if (pages.size <= pageLimit) break;
      pages.delete(oldest);
    }
    return kept;
  };
  return {
    size,
    async read(offset, length) {
      const end = Math.min(size, offset + length);
      const bytes = new Uint8Array(Math.max(0, end - offset));
      const numbers: number[] = [];
      for (let number = Math.floor(offset / pageBytes); number * pageBytes < end; number++) numbers.push(number);
      const parts = await Promise.all(numbers.map(page));
      numbers.forEach((number, index) => {
        const start = number * pageBytes;
        const from = Math.max(offset, start);
        const to = Math.min(end, start + pageBytes);
        bytes.set(parts[index].subarray(from - start, to - start), from - offset);
      });
      return bytes;
    },
  };
}

async function fetchRange(url: string, start: number, end: number): Promise<Uint8Array> {
  const answer = await fetch(url, { headers: { range: `bytes=${start}-${end - 1}` } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (answer.status !== 206 || bytes.length !== end - start) {
    throw new Error(`${url}: expected bytes ${start} to ${end - 1}, found ${answer.status} and ${bytes.length} bytes`);
  }
  return bytes;
}
