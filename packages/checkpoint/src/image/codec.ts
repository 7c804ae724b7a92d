// How pages are made smaller: a port, so that nothing here needs Node or the web.

/** A lossless compression. */
export interface Codec {
  /** What the manifest calls it, as `deflate-raw`: 1 to 32 of a-z, 0-9 and `-`. */
  readonly name: string;
  compress(bytes: Uint8Array): Uint8Array;
  /** The `byteCount` bytes that were compressed, and never more: throws on any other input, before it makes more than that. */
  decompress(bytes: Uint8Array, byteCount: number): Uint8Array;
}
