// What questions cost, counted: reads and blocks do not depend on how busy the host is.

/** Counted since the recording was opened. */
export interface Cost {
  /** Calls of the source, and the bytes they asked for. */
  reads: number;
  bytesRead: number;
  /** Blocks and runs checked and unpacked. */
  blocks: number;
  /** Segments in which something was looked up, for each question anew. */
  segments: number;
  /** Of the look at one frame that took the most: how many segments. */
  mostSegments: number;
}

/** Nothing yet. */
export function noCost(): Cost {
  return { reads: 0, bytesRead: 0, blocks: 0, segments: 0, mostSegments: 0 };
}
