// Where images stand while they are compared: a temporary folder that is gone when the command ends, however it ends.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { atEarlyEnd } from "../early-end.ts";
import { systemRefusal } from "../refusal.ts";

/** A folder of rooms. */
export interface ScratchFolder {
  /** A new room of that name, and the file system in it. */
  room(name: string): DiskFileSystem;
  /** Removes everything. */
  clear(): void;
}

/** Makes the folder where the host keeps temporary files. Throws a `Refusal` where it cannot. */
export function makeScratchFolder(): ScratchFolder {
  return refusing(() => {
    const path = mkdtempSync(join(tmpdir(), "pagelapse-compare-"));
    const remove = (): void => rmSync(path, { recursive: true, force: true });
    const cancel = atEarlyEnd(remove);
    return {
      room: (name) =>
        refusing(() => {
          mkdirSync(join(path, name));
          return new FleetingFileSystem(join(path, name));
        }),
      clear() {
        cancel();
        remove();
      },
    };
  });
}

/** Nothing here is to outlive a crash, so nobody waits for the disk. That somebody would have is counted all the same. */
class FleetingFileSystem extends DiskFileSystem {
  override fsync(): undefined {
    return undefined;
  }
}

function refusing<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    throw systemRefusal(tmpdir(), "a folder that can be written to", reason) ?? reason;
  }
}
