// A recording that could not be written to its end.

/** Says which file, and what the host said. What the file holds by then opens up to its last whole segment. */
export class RecordingFailed extends Error {
  readonly path: string;
  /** The host's errno, such as ENOSPC; `undefined` where it had none. */
  readonly code: string | undefined;

  constructor(path: string, reason: { readonly message: string; readonly code?: string | undefined }) {
    super(`the recording ${path} cannot be written: ${reason.message}`);
    this.name = "RecordingFailed";
    this.path = path;
    this.code = reason.code;
  }
}
