// Frames as the text that parseWordDump reads, lines that repeat left out.

/** Two words of 64 bits a line, `*` for lines that are as the one before. */
export function printWordDump(frames: ReadonlyMap<number, Uint8Array>): string {
  return [...frames].map(([pfn, bytes]) => printFrame(pfn, bytes)).join("");
}

function printFrame(pfn: number, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): string => `0x${view.getBigUint64(at, true).toString(16).padStart(16, "0")}`;
  let text = "";
  let before = "";
  let isRepeating = false;
  for (let at = 0; at < bytes.length; at += 16) {
    const words = `${word(at)} ${word(at + 8)}`;
    if (words !== before) text += `${(pfn * 4096 + at).toString(16).padStart(16, "0")}: ${words}\n`;
    else if (!isRepeating) text += "*\n";
    isRepeating = words === before;
    before = words;
  }
  return text;
}
