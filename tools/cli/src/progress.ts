// A progress bar on stderr: only on a terminal, and gone when the work is done.

import { atEarlyEnd } from "./early-end.ts";
import { formatCount } from "./quantity.ts";

/** Shows how far a long work has come. */
export interface Progress {
  /** `share` is 0 to 1, `undefined` when the length is not known; `what` is counted. Drawn at most ten times a second. */
  show(share: number | undefined, count: number, what?: string): void;
  /** Wipes the bar away. */
  clear(): void;
}

/** A bar on stderr, or nothing where stderr is no terminal. */
export function startProgress(): Progress {
  return process.stderr.isTTY ? startBar(process.stderr) : { show() {}, clear() {} };
}

function startBar(stream: NodeJS.WriteStream): Progress {
  const begun = performance.now();
  let drawn = -Infinity;
  const wipe = (): void => void stream.write("\r\u001b[K");
  const cancel = atEarlyEnd(wipe);
  return {
    show(share, count, what = "stores") {
      const now = performance.now();
      if (now - drawn < 100) return;
      drawn = now;
      const speed = Math.round(count / Math.max(0.001, (now - begun) / 1000));
      const text = `${share === undefined ? "" : `${drawBar(share)} `}${formatCount(count)} ${what}, ${formatCount(speed)} a second`;
      stream.write(`\r${text.slice(0, Math.max(0, stream.columns - 1))}\u001b[K`);
    },
    clear() {
      cancel();
      wipe();
    },
  };
}

/** [=====     ]  50 % */
function drawBar(share: number): string {
  const width = 24;
  const filled = Math.round(Math.min(1, share) * width);
  return `[${"=".repeat(filled)}${" ".repeat(width - filled)}] ${`${Math.floor(Math.min(1, share) * 100)}`.padStart(3)} %`;
}
