// What became of an image that was to be committed.

import type { Failure } from "@pagelapse/vfs";

/** The outcome of a commit. */
export type CommitResult = Committed | NotCommitted;

/** The image is durable, and whole after any crash. */
export interface Committed {
  readonly kind: "committed";
  /** Of its directory. */
  readonly path: string;
  /** SHA-256 of its manifest.json in hexadecimal digits: for `ParentImage.digest` of the next. */
  readonly digest: string;
  /** Bytes of all its files. */
  readonly byteCount: number;
}

/**
 * `failed`: it never was and never will be. `indeterminate`: it may stand there, whole, now or after a restart. Either way the
 * next image takes another sequence and builds on the last one committed.
 */
export interface NotCommitted {
  readonly kind: "failed" | "indeterminate";
  /** What was being written, renamed or made durable. */
  readonly path: string;
  readonly reason: Failure["errno"];
}
