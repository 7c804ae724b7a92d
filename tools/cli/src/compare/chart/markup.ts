// Text made fit for SVG and HTML.

/** Control characters that XML has no way to write. */
const unwritable = /[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/gu;

/** Text as the content of an element, or of an attribute in double quotes: nothing in it is markup. */
export function escapeMarkup(text: string): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(unwritable, "\u{fffd}").replace(/[&<>"']/g, (character) => named[character]);
}

/** A coordinate, to a tenth. */
export function at(coordinate: number): string {
  return `${Math.round(coordinate * 10) / 10}`;
}
