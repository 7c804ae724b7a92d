// Where two runs of bytes begin to differ.

/** Index of the first byte in which two arrays of one length differ, or -1. */
export function firstDifference(left: Uint8Array, right: Uint8Array): number {
  const wordCount = ((left.byteOffset | right.byteOffset) & 3) === 0 ? left.length >>> 2 : 0;
  const a = new Uint32Array(left.buffer, wordCount === 0 ? 0 : left.byteOffset, wordCount);
  const b = new Uint32Array(right.buffer, wordCount === 0 ? 0 : right.byteOffset, wordCount);
  let word = 0;
  while (word < wordCount && a[word] === b[word]) word++;
  for (let i = word * 4; i < left.length; i++) if (left[i] !== right[i]) return i;
  return -1;
}
