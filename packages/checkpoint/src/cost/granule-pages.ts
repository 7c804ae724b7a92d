// What a tracker would save that tells changes apart by granules larger than a page.

/**
 * Pages that an increment holds when changes are known by granules of so many bytes, a power of two and a page at least: D of a
 * granule is the OR of its pages', and it is saved whole, as far as its pages have content. `changed` and `content` are addresses
 * of pages; what changed has content. The mappings stay those of pages: this is a tracker's granule, not another MMU.
 */
export function granulePages(changed: Iterable<number>, content: Iterable<number>, granuleBytes: number): number {
  const saved = new Set(changed);
  const granules = new Set([...saved].map((page) => Math.floor(page / granuleBytes)));
  let pages = saved.size;
  for (const page of content) if (!saved.has(page) && granules.has(Math.floor(page / granuleBytes))) pages += 1;
  return pages;
}
