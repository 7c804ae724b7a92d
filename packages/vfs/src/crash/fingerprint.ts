// What tells two images apart: all that can be seen through their names.

import type { InodeNumber } from "../file-system.ts";
import { reachableNames, rootInode } from "./image.ts";
import type { Image, ImageInode } from "./image.ts";
import { visibleBlocks } from "./install.ts";

/** The same text for two images exactly if names, links, modes, sizes and bytes are (bytes by 64 bits of hash a block). */
export function fingerprint(image: Image, blockBytes: number): string {
  const numbers = new Map<InodeNumber, number>([[rootInode, 0]]);
  const lines: string[] = [];
  for (const { directory, name, inode, node } of reachableNames(image)) {
    const known = numbers.get(inode);
    if (known === undefined) numbers.set(inode, numbers.size);
    lines.push(`${numbers.get(directory)}/${name}=${known ?? describe(node, blockBytes)}`);
  }
  return lines.join("\n");
}

function describe(node: ImageInode, blockBytes: number): string {
  const text = `${node.kind} ${node.mode}`;
  if (node.kind === "directory") return text;
  if (node.kind === "symlink") return `${text} ${node.target}`;
  const blocks = Array.from(visibleBlocks(node, blockBytes), ([position, bytes]) => ({ position, hash: hashOf(bytes) }));
  const written = blocks.filter(({ hash }) => hash !== zeros).toSorted((a, b) => a.position - b.position);
  return `${text} ${node.size} ${written.map(({ position, hash }) => `${position}:${hash}`).join(" ")}`;
}

const zeros = "zeros";

/** Two rounds of FNV-1a with different beginnings; a block of zeros is as good as none. */
function hashOf(bytes: Uint8Array): string {
  let [low, high, all] = [0x811c_9dc5 | 0, 0x1234_5679, 0];
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x0100_0193);
    high = Math.imul(high ^ byte, 0x0100_01b3);
    all |= byte;
  }
  return all === 0 ? zeros : `${(low >>> 0).toString(36)}.${(high >>> 0).toString(36)}`;
}
