// What must be undone when the command ends early: by a refusal, a fault or a signal.

import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";

const undoings: Set<() => void> = new Set();

/** Calls `undo` should the command end early. The function returned says that there is nothing left to undo. */
export function atEarlyEnd(undo: () => void): () => void {
  undoings.add(undo);
  return () => void undoings.delete(undo);
}

/** Undoes everything, the latest first. Removing what cannot be removed is no reason to leave the rest. */
export function undoEverything(): void {
  for (const undo of [...undoings].toReversed()) {
    undoings.delete(undo);
    try {
      undo();
    } catch {
      continue;
    }
  }
}

const signals: readonly (readonly [NodeJS.Signals, ExitCode])[] = [
  ["SIGHUP", exitCodes.hungUp],
  ["SIGINT", exitCodes.interrupted],
  ["SIGTERM", exitCodes.terminated],
];

/** From now on Ctrl-C, SIGTERM and a terminal that goes away undo everything before the command ends. */
export function watchSignals(): void {
  for (const [signal, code] of signals) {
    process.once(signal, () => {
      undoEverything();
      process.exit(code);
    });
  }
}

/** From now on signals end the command as they end any other: for work that lets none in, and has nothing to undo. */
export function leaveSignalsAlone(): void {
  for (const [signal] of signals) process.removeAllListeners(signal);
}
