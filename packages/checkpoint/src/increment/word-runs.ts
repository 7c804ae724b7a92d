// A compression for memory: the same word again and again is one word and a count.

import type { Codec } from "../image/codec.ts";

/*
 * Words of 4 bytes. A block is records, each of a head and words, in little-endian words:
 *
 *     +------------------+------------------+-----------------------+-----------+
 *     | 16: copies (c)   | 16: literals (l) | l words as they are   | one word  |     which stands c times; not there if c is 0
 *     +------------------+------------------+-----------------------+-----------+
 *
 * What is left over of a length that is no multiple of 4 stands behind the last record.
 */
const most = 0xffff;
/** Fewer copies than these are cheaper as literals. */
const leastCopies = 3;

/** Run-length coding of 32-bit words: quick, and good at what memory has most of, which is zeros. */
export const wordRuns: Codec = {
  name: "word-runs",
  compress(bytes) {
    const wordCount = Math.floor(bytes.length / 4);
    const words = wordsOf(bytes, wordCount);
    // Each record of copies is shorter than they are; each of literals alone is full, but for the last.
    const packed = new Uint32Array(wordCount + Math.ceil(wordCount / most) + 1);
    let length = 0;
    for (let at = 0; at < wordCount;) {
      const from = at;
      while (at < wordCount && at - from < most && copiesAt(words, at) < leastCopies) at++;
      const found = at < wordCount ? copiesAt(words, at) : 0;
      const copies = found < leastCopies ? 0 : found;
      packed[length++] = copies * 0x1_0000 + (at - from);
      packed.set(words.subarray(from, at), length);
      length += at - from;
      if (copies > 0) packed[length++] = words[at];
      at += copies;
    }
    const rest = bytes.subarray(wordCount * 4);
    const result = new Uint8Array(length * 4 + rest.length);
    const view = new DataView(result.buffer);
    for (let index = 0; index < length; index++) view.setUint32(index * 4, packed[index], true);
    result.set(rest, length * 4);
    return result;
  },

  decompress(bytes, byteCount) {
    const result = new Uint8Array(byteCount);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const target = new DataView(result.buffer);
    const wordEnd = byteCount - (byteCount & 3);
    let at = 0;
    let done = 0;
    while (done < wordEnd) {
      const head = view.getUint32(at, true);
      const [copies, literals] = [head >>> 16, head & most];
      at += 4;
      if (copies + literals === 0 || done + (copies + literals) * 4 > wordEnd)
        throw new RangeError(`${copies + literals} words at ${at}`);
      for (const end = at + literals * 4; at < end; at += 4, done += 4) target.setUint32(done, view.getUint32(at, true), true);
      if (copies === 0) continue;
      const word = view.getUint32(at, true);
      at += 4;
      for (const end = done + copies * 4; done < end; done += 4) target.setUint32(done, word, true);
    }
    if (bytes.length - at !== byteCount - done)
      throw new RangeError(`${bytes.length - at} bytes left, ${byteCount - done} wanted`);
    result.set(bytes.subarray(at), done);
    return result;
  },
};

function wordsOf(bytes: Uint8Array, wordCount: number): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: wordCount }, (_, index) => view.getUint32(index * 4, true));
}

/** How often the word at a place stands there side by side, as far as a record can say. */
function copiesAt(words: Uint32Array, at: number): number {
  let end = at + 1;
  while (end < words.length && end - at < most && words[end] === words[at]) end++;
  return end - at;
}
