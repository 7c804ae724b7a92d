// Whole files in, by the verbs.

import { withKernelLimit } from "./address-limit.ts";
import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import { filpClose, filpOpen } from "./filp-open.ts";
import { kernelBuffer } from "./io-buffer.ts";
import type { OpenFile } from "./open-file.ts";
import { O_RDONLY } from "./open-flags.ts";
import { fstat } from "./stat.ts";
import type { Vfs } from "./vfs.ts";
import { MAX_RW_COUNT, vfsRead } from "./vfs-read.ts";

/** All bytes of a file. EISDIR for a directory; EFBIG above 2 GiB. */
export function readFile(vfs: Vfs, path: string): Uint8Array | Failure {
  const file = filpOpen(vfs, path, O_RDONLY, 0);
  if (isFailure(file)) return file;
  const bytes = withKernelLimit(vfs, () => readAll(vfs, file));
  const closed = filpClose(vfs, file);
  return closed ?? bytes;
}

function readAll(vfs: Vfs, file: OpenFile): Uint8Array | Failure {
  const attributes = fstat(vfs, file);
  if (isFailure(attributes)) return attributes;
  if (attributes.kind === "directory") return fail("EISDIR");
  if (attributes.size > MAX_RW_COUNT) return fail("EFBIG");
  const bytes = new Uint8Array(attributes.size);
  for (let done = 0; done < bytes.length;) {
    const count = vfsRead(vfs, file, kernelBuffer(bytes.subarray(done)));
    if (isFailure(count)) return count;
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}
