// LZ4's block format (lz4_Block_format.md, 1.6.3): written quickly, read anywhere, synchronously.

/*
 * A block is sequences: a token (literals' length << 4 | match's length - 4), longer lengths in bytes of 255, the literals,
 * the match's distance in two bytes. The last sequence has literals only: the last 5 bytes of a block are literals, and no
 * match begins in the last 12.
 */
const leastMatch = 4;
const lastLiterals = 5;
const matchLimit = 12;
const hashBits = 13;
const farthest = 65_535;

/** Last place of each hash of four bytes, plus one. */
const places = new Int32Array(1 << hashBits);

/**
 * Compresses `source` into `target`; says how many bytes that took, or -1 where it would have taken more than `limit`, which
 * `target` has room for.
 */
export function lz4Encode(source: Uint8Array, target: Uint8Array, limit: number): number {
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  const end = source.length - matchLimit;
  places.fill(0);
  let anchor = 0;
  let out = 0;
  let at = 0;
  // The longer nothing is found, the larger the steps: noise is passed over quickly.
  let misses = 64;
  while (at < end) {
    const word = view.getInt32(at, true);
    const hash = Math.imul(word, 0x9e37_79b1) >>> (32 - hashBits);
    const from = places[hash] - 1;
    places[hash] = at + 1;
    if (from < 0 || at - from > farthest || view.getInt32(from, true) !== word) {
      at += misses++ >>> 6;
      continue;
    }
    const length = matchLength(view, from, at, source.length - lastLiterals);
    if (out + (at - anchor) + ((at - anchor) >>> 7) + (length >>> 7) + 8 > limit) return -1;
    out = putSequence(source, anchor, at, target, out, length - leastMatch);
    target[out++] = at - from;
    target[out++] = (at - from) >>> 8;
    out = putLength(target, out, length - leastMatch);
    at += length;
    anchor = at;
    misses = 64;
  }
  const literals = source.length - anchor;
  if (out + literals + (literals >>> 7) + 8 > limit) return -1;
  return putSequence(source, anchor, source.length, target, out, 0);
}

function matchLength(view: DataView, from: number, at: number, end: number): number {
  let length = leastMatch;
  while (at + length + 4 <= end && view.getInt32(from + length, true) === view.getInt32(at + length, true)) length += 4;
  while (at + length < end && view.getUint8(from + length) === view.getUint8(at + length)) length++;
  return length;
}

/** The token, and the literals [start, end). */
function putSequence(source: Uint8Array, start: number, end: number, target: Uint8Array, out: number, match: number): number {
  const literals = end - start;
  target[out++] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
  out = putLength(target, out, literals);
  if (literals > 64) target.set(source.subarray(start, end), out);
  else for (let i = 0; i < literals; i++) target[out + i] = source[start + i];
  return out + literals;
}

/** What of a length its half of the token does not hold. */
function putLength(target: Uint8Array, out: number, length: number): number {
  if (length < 15) return out;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) target[out++] = 255;
  target[out++] = rest;
  return out;
}

/** Fills `target` with what `source` was made of; `false` where it is no block of just so many bytes. */
export function lz4Decode(source: Uint8Array, target: Uint8Array): boolean {
  const end = source.length;
  const full = target.length;
  let at = 0;
  let out = 0;
  while (at < end) {
    const token = source[at++];
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < end) literals += more = source[at++];
    }
    if (at + literals > end || out + literals > full) return false;
    if (literals > 32) target.set(source.subarray(at, at + literals), out);
    else for (let i = 0; i < literals; i++) target[out + i] = source[at + i];
    at += literals;
    out += literals;
    if (at === end) return out === full;
    const distance = source[at] | (source[at + 1] << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      let more = 255;
      while (more === 255 && at < end) length += more = source[at++];
    }
    length += leastMatch;
    if (distance === 0 || distance > out || at > end || out + length > full) return false;
    // A match may reach into itself: then it repeats what it has just written.
    if (distance >= length && length > 32) target.copyWithin(out, out - distance, out - distance + length);
    else for (let i = 0; i < length; i++) target[out + i] = target[out + i - distance];
    out += length;
  }
  return false;
}
