// Words that name things and places: areas, pages, bytes, files, pins.

import type { Address, FilePage, Name, PinPlace, Range } from "./scenario.ts";
import type { Cursor, Word } from "./word.ts";

/** Pages of an area, a file or a machine at most: what 4 GiB have. */
export const pageLimit: number = 2 ** 20;

/** A name in capital letters and digits. `what` says of what, for errors. */
export function capital(what: string): Word<Name> {
  const expected = `${what}, named in capitals`;
  return {
    read(cursor) {
      const { place, parts } = cursor.match(expected, /^([A-Z][A-Z0-9]*)$/);
      return { text: parts[0] ?? "", place };
    },
    write: ({ text }) => text,
  };
}

/** The name of a strategy. */
export const strategyWord: Word<Name> = {
  read(cursor) {
    const { place, parts } = cursor.match("a strategy's name", /^([a-z][a-z0-9-]*)$/);
    return { text: parts[0] ?? "", place };
  },
  write: ({ text }) => text,
};

/** The name of a file. */
export const fileWord: Word<string> = {
  read: (cursor) => cursor.match("a file, named in small letters", /^([a-z][a-z0-9]*)$/).parts[0] ?? "",
  write: (file) => file,
};

/** `f@1` */
export const filePage: Word<FilePage> = {
  read(cursor) {
    const expected = "a page of a file, as f@0";
    const page = /@(\d{1,7})$/.exec(cursor.ahead ?? "")?.[1];
    if (page === undefined || Number(page) >= pageLimit) throw cursor.refuse(expected);
    const { place, parts } = cursor.match(expected, /^([a-z][a-z0-9]*)@\d+$/);
    return { file: parts[0] ?? "", page: Number(page), place };
  },
  write: ({ file, page }) => `${file}@${page}`,
};

/** `A.1+8` */
export const address: Word<Address> = {
  read(cursor) {
    const expected = "a byte of a page, as A.0 or A.0+8";
    const { place, parts } = cursor.match(
      expected,
      /^([A-Z][A-Z0-9]*)\.(-?\d{1,7})(?:\+(\d{1,3}|[1-3]\d{3}|40[0-8]\d|409[0-5]))?$/,
    );
    return { area: { text: parts[0] ?? "", place }, page: signed(parts[1]), offset: Number(parts[2] ?? 0) };
  },
  write: ({ area, page, offset }) => `${area.text}.${page}${offset === 0 ? "" : `+${offset}`}`,
};

/** `A`, `A.1` or `A.1-2` */
export const range: Word<Range> = {
  read(cursor) {
    const expected = "pages of an area, as A, A.0 or A.0-2";
    const pattern = /^([A-Z][A-Z0-9]*)(?:\.(-?\d{1,7})(?:-(-?\d{1,7}))?)?$/;
    const [, , one, two] = pattern.exec(cursor.ahead ?? "") ?? [];
    if (two !== undefined && Number(two) <= Number(one)) throw cursor.refuse(`${expected}, the last page last`);
    const { place, parts } = cursor.match(expected, pattern);
    const first = signed(parts[1]);
    const pages = parts[1] === undefined ? undefined : { first, last: parts[2] === undefined ? first : signed(parts[2]) };
    return { area: { text: parts[0] ?? "", place }, pages };
  },
  write({ area, pages }) {
    if (pages === undefined) return area.text;
    return `${area.text}.${pages.first}${pages.last === pages.first ? "" : `-${pages.last}`}`;
  },
};

/** `P+8` */
export const pinPlace: Word<PinPlace> = {
  read(cursor) {
    const { place, parts } = cursor.match("a pinned page, as P or P+8", /^([A-Z][A-Z0-9]*)(?:\+(\d{1,4}))?$/);
    return { pin: { text: parts[0] ?? "", place }, offset: Number(parts[1] ?? 0) };
  },
  write: ({ pin, offset }) => `${pin.text}${offset === 0 ? "" : `+${offset}`}`,
};

/** No `-0`: what is written again must be what was read. */
function signed(digits: string | undefined): number {
  const value = Number(digits ?? 0);
  return value === 0 ? 0 : value;
}

/** Bytes at most in one store. */
const byteLimit = 4096;

/** `5`, or in the order of their addresses `0x0102`. */
export const bytes: Word<readonly number[]> = {
  read(cursor) {
    const expected = `a byte (0 to 255), or up to ${byteLimit} of them as 0x and two digits each`;
    const { ahead = "" } = cursor;
    const isByte = /^\d{1,3}$/.test(ahead) && Number(ahead) < 256;
    const isHex = /^0x(?:[0-9a-fA-F]{2})+$/.test(ahead) && ahead.length <= 2 + byteLimit * 2;
    if (!isByte && !isHex) throw cursor.refuse(expected);
    cursor.take(expected);
    return isByte ? [Number(ahead)] : (ahead.slice(2).match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
  },
  write(values) {
    if (values.length === 1) return String(values[0]);
    return `0x${values.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  },
};

/** A byte for each of so many pages, one at least. */
export const pageBytes: Word<readonly number[]> = {
  read(cursor) {
    const values: number[] = [readByte(cursor)];
    while (/^\d/.test(cursor.ahead ?? "")) values.push(readByte(cursor));
    return values;
  },
  write: (values) => values.join(" "),
};

function readByte(cursor: Cursor): number {
  const value = /^\d{1,3}$/.test(cursor.ahead ?? "") ? Number(cursor.ahead) : NaN;
  if (!(value < 256)) throw cursor.refuse("a byte for each page (0 to 255)");
  cursor.take("a byte");
  return value;
}
