// A file that has its name only once it is whole, and that never takes the place of another.

import { closeSync, existsSync, fsyncSync, linkSync, openSync, unlinkSync } from "node:fs";
import { atEarlyEnd } from "../early-end.ts";
import { refusal, systemRefusal } from "../refusal.ts";

/**
 * Lets `write` fill a file under a name of its own beside it, makes that durable, and then gives it its name. Whatever ends it
 * early, no file is left. Throws a `Refusal` where there is such a file already, or none can be made.
 */
export async function writeNewFile(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const expected = "a file that does not exist yet";
  if (existsSync(path)) throw refusal(path, expected, "one that does");
  const partial = `${path}.${process.pid}.partial`;
  telling(path, expected, () => closeSync(openSync(partial, "wx")));
  const remove = (): void => unlinkSync(partial);
  const cancel = atEarlyEnd(remove);
  try {
    await write(partial);
    telling(path, expected, () => {
      const descriptor = openSync(partial, "r+");
      fsyncSync(descriptor);
      closeSync(descriptor);
      linkSync(partial, path);
    });
  } catch (reason) {
    throw systemRefusal(path, "room for the events", reason) ?? reason;
  } finally {
    cancel();
    remove();
  }
}

function telling(path: string, expected: string, act: () => void): void {
  try {
    act();
  } catch (reason) {
    throw systemRefusal(path, expected, reason) ?? reason;
  }
}
