// How an event's virtual address is told from the rest of it.

/** Bits of a code's `mode`. */
export const modes = {
  /** It is 0, or stands with the event's bytes. */
  none: 0,
  /** The same place in its page as the physical address in its frame; the code says which page. */
  samePlace: 1,
  /** Its difference from the last such one stands in a column. */
  written: 2,
} as const;
