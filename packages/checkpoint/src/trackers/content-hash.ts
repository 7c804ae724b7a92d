// The strategy `content-hash`: a page changed if its bytes have another hash than they had.

import { sha256 } from "@noble/hashes/sha2.js";
import { frameBytes } from "@pagelapse/mmu";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { trackingStrategy } from "./tracking-strategy.ts";

/**
 * Every page is read and hashed every time, and no bit of any entry is asked or touched: whoever stored is found out, and
 * bytes stored again are not. Two pages of one hash would be taken for equal; nobody has found any for SHA-256.
 */
export const contentHash: ImageStrategy = trackingStrategy({
  name: "content-hash",
  claim: "correct",
  summary: "pages whose SHA-256 is another: nothing is tracked, everything is read",
  track() {
    let before: ReadonlyMap<string, string> = new Map();
    return {
      look(tracked) {
        const known = before;
        const now = new Map<string, string>();
        const bytes = new Uint8Array(frameBytes);
        before = now;
        return ({ memory, address, pfn }) => {
          tracked.memory.read(pfn * frameBytes, bytes);
          const hash = String.fromCharCode(...sha256(bytes));
          const page = `${address} of ${memory}`;
          now.set(page, hash);
          return known.get(page) === hash ? "unchanged" : "changed";
        };
      },
      clear: () => undefined,
    };
  },
});
