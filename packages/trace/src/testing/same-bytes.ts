// Whether two runs of bytes are equal.

/** Length and every byte; four at a time where they lie so. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  const wordCount = ((left.byteOffset | right.byteOffset) & 3) === 0 ? left.length >>> 2 : 0;
  const a = new Uint32Array(left.buffer, wordCount === 0 ? 0 : left.byteOffset, wordCount);
  const b = new Uint32Array(right.buffer, wordCount === 0 ? 0 : right.byteOffset, wordCount);
  for (let word = 0; word < wordCount; word++) if (a[word] !== b[word]) return false;
  for (let at = wordCount * 4; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}
