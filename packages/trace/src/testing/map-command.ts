// What a history's mapping asks of the machine.

import type { Command } from "@pagelapse/kernel";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED } from "@pagelapse/vma";
import { filePages, pageBytes } from "./model.ts";
import type { Origin } from "./model.ts";
import { addressOf } from "./window.ts";

/** Maps pages of the window over whatever is there. */
export function mapCommand(page: number, count: number, prot: number, origin: Origin): Command {
  const isAnonymous = origin.kind === "anonymous" || origin.kind === "shared-anonymous";
  const sharing = origin.kind === "anonymous" || origin.kind === "file" ? MAP_PRIVATE : MAP_SHARED;
  const file = sharing === MAP_PRIVATE ? "private" : "shared";
  return {
    kind: "map-memory",
    start: addressOf(page),
    byteCount: count * pageBytes,
    prot,
    flags: MAP_FIXED | sharing | (isAnonymous ? MAP_ANONYMOUS : 0),
    ...("index" in origin ? { file, offset: origin.index * pageBytes } : {}),
  };
}

/** Pages of a file from a place on; memory that is no file's has no end. */
export function pagesLeft(origin: Origin): number {
  return "index" in origin ? filePages - origin.index : Infinity;
}
