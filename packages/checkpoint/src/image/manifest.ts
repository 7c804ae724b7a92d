// manifest.json: all that an image says, but for the bytes of its pages, in one spelling.

import type { Area } from "@pagelapse/vma";
import { BadImage } from "../bad-image.ts";
import { firstDifference } from "../first-difference.ts";
import { checkTree } from "./check-tree.ts";
import { crc32c } from "./crc32c.ts";
import { JsonValue } from "./json-value.ts";
import type { PageRun } from "./page-run.ts";
import type { PageWriter } from "./page-writer.ts";
import type { ParentImage, ProcessImage, SharedImage, TreeImage } from "./tree-image.ts";

/*
 * {"format":"pagelapse-image","version":1,
 *  "crit":{"sees":"...","misses":"..."},                  what tools for CRIU's format find here, and what not
 *  "sequence":2,"parent":{"sequence":1,"digest":"..."},   no parent: a full image
 *  "strategy":"...","architecture":"...","moment":0,
 *  "pages":{"encoding":"raw"},                            or "lines"; or "compressed","codec":"..."
 *  "processes":[{"pid":1,"parentPid":0,"checkCount":1,"startBrk":0,"brk":0,"areas":[...],"runs":[[start,pageCount,kind],...]}],
 *  "shared":[{"file":"..." or "object":1,"runs":[...]}],
 *  "files":[{"name":"inventory.img","byteCount":10,"digest":"SHA-256"},...],
 *  "checksum":"CRC32C of all before this member, 8 hexadecimal digits"}
 *
 * UTF-8, the members in this order, no spaces, a newline at the end. What is read must encode to the same bytes, so there is one
 * spelling of each image: no member that nobody knows, none given twice, no 1e3 for 1000.
 */

/** What the manifest says. */
export interface Manifest {
  readonly image: TreeImage;
  readonly pages: PagesEntry;
  /** Every file of the directory but this one, in the order in which they are written. */
  readonly files: readonly FileEntry[];
}

/** How DATA pages stand in their files. */
export interface PagesEntry {
  readonly encoding: PageWriter["encoding"];
  /** Name of the codec of compressed pages. */
  readonly codec: string | undefined;
}

/** A file of the directory. */
export interface FileEntry {
  readonly name: string;
  readonly byteCount: number;
  /** SHA-256: of the file's bytes; of a file of pages, of its checksums (4 bytes a page) and its byte count (8 bytes, little-endian). */
  readonly digest: string;
}

/** Its name. */
export const manifestName = "manifest.json";
/** Longer ones are not read: some three times what a map of 2^20 pages needs whose every other one is dirty. */
export const manifestByteLimit: number = 2 ** 26;

const format = "pagelapse-image";
const version = 1;
const encodings: readonly PageWriter["encoding"][] = ["raw", "lines", "compressed"];
const kinds = ["DATA", "ZERO", "PARENT"] as const;

/** The one spelling of a manifest. */
export function encodeManifest({ image, pages, files }: Manifest): Uint8Array {
  const { sequence, parent, strategy, architecture, moment, processes, shared } = image;
  const body = JSON.stringify({
    format,
    version,
    crit: critOf(pages),
    sequence,
    parent: parent && { sequence: parent.sequence, digest: parent.digest },
    strategy,
    architecture,
    moment,
    pages: { encoding: pages.encoding, codec: pages.codec },
    processes: processes.map(plainProcess),
    shared: shared.map(({ file, object, runs }) => ({ file, object, runs: runs.map(plainRun) })),
    files: files.map(({ name, byteCount, digest }) => ({ name, byteCount, digest })),
  }).slice(0, -1);
  const encoder = new TextEncoder();
  const checksum = crc32c(encoder.encode(body)).toString(16).padStart(8, "0");
  return encoder.encode(`${body},"checksum":"${checksum}"}\n`);
}

/** Reads a manifest. Throws `BadImage` for everything that `encodeManifest` would not have written of a tree that can be. */
export function decodeManifest(file: string, bytes: Uint8Array): Manifest {
  const manifest = readManifest(JsonValue.parse(file, textOf(file, bytes)), file);
  checkTree(file, manifest.image);
  const expected = encodeManifest(manifest);
  const length = Math.min(bytes.length, expected.length);
  const difference = firstDifference(bytes.subarray(0, length), expected.subarray(0, length));
  const at = difference === -1 && bytes.length !== expected.length ? length : difference;
  if (at !== -1) throw new BadImage(file, at, `the one spelling: ${around(expected, at)}`, around(bytes, at));
  return manifest;
}

/** What tools for CRIU's format make of the image. */
function critOf({ encoding }: PagesEntry): { readonly sees: string; readonly misses: string } {
  const sees = "processes, areas and page maps";
  const misses = "VM_* flags and names that CRIU has no place for, cached pages of files, which private pages are ZERO";
  if (encoding === "raw") return { sees: `${sees}, and pages`, misses };
  return { sees, misses: `the bytes of pages, kept as ${encoding}; ${misses}` };
}

function plainProcess({ pid, parentPid, checkCount, startBrk, brk, areas, runs }: ProcessImage): object {
  return { pid, parentPid, checkCount, startBrk, brk, areas: areas.map(plainArea), runs: runs.map(plainRun) };
}

function plainArea({ start, end, flags, file, offset, name, object, anonVma }: Area): Area {
  return { start, end, flags, file, offset, name, object, anonVma };
}

function plainRun({ start, pageCount, kind }: PageRun): readonly [number, number, string] {
  return [start, pageCount, kind];
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadImage(file, 0, "UTF-8", "other bytes");
  }
}

function readManifest(json: JsonValue, file: string): Manifest {
  json.member("format").oneOf([format]);
  const found = json.member("version").number();
  if (found !== version) throw new BadImage(file, 0, `format version ${version}`, `${found}`);
  const parent = json.member("parent");
  return {
    image: {
      sequence: json.member("sequence").number(),
      parent: parent.isMissing ? undefined : readParent(parent),
      strategy: json.member("strategy").text(),
      architecture: json.member("architecture").text(),
      moment: json.member("moment").number(),
      processes: json.member("processes").items().map(readProcess),
      shared: json.member("shared").items().map(readShared),
    },
    pages: readPages(json.member("pages"), file),
    files: json.member("files").items().map(readFileEntry),
  };
}

function readPages(json: JsonValue, file: string): PagesEntry {
  const encoding = json.member("encoding").oneOf(encodings);
  const codec = optional(json.member("codec"), "text");
  const isRight = encoding === "compressed" ? /^[a-z0-9-]{1,32}$/.test(codec ?? "") : codec === undefined;
  if (!isRight) throw new BadImage(file, 0, "the name of a codec where pages are compressed", JSON.stringify(codec ?? "none"));
  return { encoding, codec };
}

function readParent(json: JsonValue): ParentImage {
  return { sequence: json.member("sequence").number(), digest: json.member("digest").text() };
}

function readProcess(json: JsonValue): ProcessImage {
  return {
    pid: json.member("pid").number(),
    parentPid: json.member("parentPid").number(),
    checkCount: json.member("checkCount").number(),
    startBrk: json.member("startBrk").number(),
    brk: json.member("brk").number(),
    areas: json.member("areas").items().map(readArea),
    runs: json.member("runs").items().map(readRun),
  };
}

function readShared(json: JsonValue): SharedImage {
  return {
    file: optional(json.member("file"), "text"),
    object: optional(json.member("object"), "number"),
    runs: json.member("runs").items().map(readRun),
  };
}

function readArea(json: JsonValue): Area {
  return {
    start: json.member("start").number(),
    end: json.member("end").number(),
    flags: json.member("flags").number(),
    file: optional(json.member("file"), "text"),
    offset: json.member("offset").number(),
    name: json.member("name").text(),
    object: optional(json.member("object"), "number"),
    anonVma: optional(json.member("anonVma"), "number"),
  };
}

function readRun(json: JsonValue): PageRun {
  return { start: json.member("0").number(), pageCount: json.member("1").number(), kind: json.member("2").oneOf(kinds) };
}

function readFileEntry(json: JsonValue): FileEntry {
  return {
    name: json.member("name").text(),
    byteCount: json.member("byteCount").number(),
    digest: json.member("digest").text(),
  };
}

function optional(json: JsonValue, kind: "text"): string | undefined;
function optional(json: JsonValue, kind: "number"): number | undefined;
function optional(json: JsonValue, kind: "text" | "number"): string | number | undefined {
  return json.isMissing ? undefined : json[kind]();
}

/** A few bytes, for a message. */
function around(bytes: Uint8Array, at: number): string {
  const text = new TextDecoder().decode(bytes.subarray(at, at + 24));
  return text === "" ? "the end" : JSON.stringify(text);
}
