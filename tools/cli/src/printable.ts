// Text from outside made fit for a terminal: control characters become visible.

/** Control characters, line separators, and the characters that change the direction of text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{feff}]/gu;

/** The text in one line, nothing in it that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => escape(character.charCodeAt(0)));
}

/** A value given by hand, in quotes, cut where nobody would read on. */
export function quote(text: string): string {
  const limit = 60;
  return `"${printable(text.length > limit ? `${text.slice(0, limit)}...` : text)}"`;
}

/** JSON that a terminal may show: what `JSON.stringify` leaves as it is gets the escape that JSON has for it. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) => unicodeEscape(character.charCodeAt(0)));
}

function escape(code: number): string {
  const named: Readonly<Record<number, string | undefined>> = { 9: "\\t", 10: "\\n", 13: "\\r", 27: "\\e" };
  return named[code] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(code));
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
