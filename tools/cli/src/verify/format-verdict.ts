// What was found about images, told to a person. It fits 80 columns.

import { paint } from "../colour.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatBytes, formatNumberOf } from "../quantity.ts";

/** What was found: plain JSON. */
export interface Verdict {
  /** As it was named. */
  readonly folder: string;
  /** Whole, with all that they build on. */
  readonly images: readonly {
    readonly name: string;
    readonly sequence: number;
    readonly parent: number | undefined;
    /** That it holds itself. */
    readonly pages: number;
    readonly bytes: number;
    readonly encoding: string;
  }[];
  /** `damaged` themselves, or `orphaned`: what they build on is not there, or not whole. */
  readonly rejected: readonly { readonly name: string; readonly kind: "damaged" | "orphaned"; readonly reason: string }[];
  /** Images that were never committed, or are half removed. */
  readonly leftovers: readonly string[];
  /** What is no store's. */
  readonly strangers: readonly string[];
  /** The newest that is whole. */
  readonly newest: string | undefined;
}

/** The whole text, with the newline at its end. */
export function formatVerdict({ folder, images, rejected, leftovers, strangers, newest }: Verdict): string {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const pages = formatNumberOf(sum(images.map((image) => image.pages)), "page");
  const bytes = formatBytes(sum(images.map((image) => image.bytes)));
  const found = `${printable(folder)}: ${formatNumberOf(images.length, "whole image")}, ${pages}, ${bytes}.`;
  const sentences = [
    found,
    ...rejected.map(({ kind, reason }) => `${kind}: ${reason}`),
    ...leftovers.map((name) => `${printable(name)}: never committed, or half removed`),
    ...strangers.map((name) => `${printable(name)}: not the store's`),
  ];
  const verdict =
    rejected.length === 0
      ? paint(process.stdout, "green", "Every image is whole, with all that it builds on.")
      : paint(process.stdout, "red", `Rejected: ${rejected.length}; the newest whole image: ${newest ?? "none"}.`);
  return [...sentences.flatMap((sentence) => fold(sentence, 80, "  ")), verdict, ""].join("\n");
}
