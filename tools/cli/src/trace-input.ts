// The bytes of a trace, in chunks: from a file or stdin, as they are or out of gzip, never the whole file at once.

import { open } from "node:fs/promises";
import { Readable, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { Refusal, refusal, systemRefusal } from "./refusal.ts";

/** An open trace. */
export interface TraceInput {
  /** What offsets count in: the file as it was named, or what came out of it. */
  readonly name: string;
  /** Each chunk is lent until the next is asked for. Throws a `Refusal` when reading or unpacking fails. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes of the file that have been read. */
  readBytes(): number;
  /** How much of the file has been read, 0 to 1; `undefined` when nobody knows how long it is. */
  share(): number | undefined;
  close(): Promise<void>;
}

/** Bytes of a chunk at most: of a plain trace, and of what comes out of gzip. */
const chunkBytes = 2 ** 20;
/** Bytes that gzip is given at once. */
const packedBytes = 2 ** 16;

/** Opens a trace; `-` is stdin. gzip is known by its magic. Throws a `Refusal` for what cannot be read. */
export async function openTraceInput(path: string): Promise<TraceInput> {
  const source = path === "-" ? openStandardInput() : await openFile(path);
  let readBytes = 0;
  const read = async (buffer: Uint8Array): Promise<Uint8Array> => {
    const block = buffer.subarray(0, await source.read(buffer));
    readBytes += block.length;
    return block;
  };
  const first = await readAtLeast(2, read, new Uint8Array(chunkBytes));
  const isGzip = first.length >= 2 && first[0] === 0x1f && first[1] === 0x8b;
  return {
    name: isGzip ? `${source.name} (unpacked)` : source.name,
    chunks: isGzip ? inflate(source.name, first, read) : concat(first, read),
    readBytes: () => readBytes,
    share: () => (source.byteCount === undefined ? undefined : readBytes / source.byteCount),
    close: () => source.close(),
  };
}

/** Fills a buffer from its start, as far as it comes at once; what is filled is returned, empty at the end. */
type Read = (buffer: Uint8Array) => Promise<Uint8Array>;

interface Source {
  readonly name: string;
  readonly byteCount: number | undefined;
  read(buffer: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

async function openFile(path: string): Promise<Source> {
  try {
    const handle = await open(path, "r");
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      await handle.close();
      throw refusal(path, "a trace", "a directory");
    }
    return {
      name: path,
      byteCount: stat.isFile() && stat.size > 0 ? stat.size : undefined,
      read: async (buffer) => (await handle.read(buffer, 0, buffer.length).catch(refuse)).bytesRead,
      close: () => handle.close(),
    };
  } catch (reason) {
    return refuse(reason);
  }

  function refuse(reason: unknown): never {
    throw systemRefusal(path, "a trace", reason) ?? reason;
  }
}

function openStandardInput(): Source {
  const name = "standard input";
  if (process.stdin.isTTY) throw refusal(name, "a trace", "a terminal");
  const blocks = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let rest = new Uint8Array();
  return {
    name,
    byteCount: undefined,
    async read(buffer) {
      if (rest.length === 0) {
        const next = await blocks.next().catch((reason: unknown) => {
          throw systemRefusal(name, "a trace", reason) ?? reason;
        });
        if (next.done === true) return 0;
        rest = Uint8Array.from(next.value);
      }
      const count = Math.min(rest.length, buffer.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    async close() {
      process.stdin.destroy();
    },
  };
}

/** A pipe may give less than was asked for. */
async function readAtLeast(byteCount: number, read: Read, buffer: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  while (filled < byteCount) {
    const block = await read(buffer.subarray(filled));
    if (block.length === 0) break;
    filled += block.length;
  }
  return buffer.subarray(0, filled);
}

/** A plain trace: every chunk in the buffer of the first. */
async function* concat(first: Uint8Array, read: Read): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(first.buffer);
  for (let chunk = first; chunk.length > 0; chunk = await read(buffer)) yield chunk;
}

/** The trace in a gzip file. Each block is a buffer of its own: who unpacks reads ahead. */
async function* inflate(name: string, first: Uint8Array, read: Read): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  let packed = 0;
  const blocks = async function* (): AsyncGenerator<Uint8Array> {
    for (let block = first; block.length > 0; block = await read(new Uint8Array(packedBytes))) {
      packed += block.length;
      yield block;
    }
  };
  pipeline(Readable.from(blocks()), gunzip, () => {
    // The loop below throws what went wrong.
  });
  try {
    for await (const block of gunzip as AsyncIterable<Uint8Array>) yield block;
  } catch (reason) {
    throw gzipRefusal(name, reason, packed, gunzip.bytesWritten) ?? reason;
  }
  // zlib stops without a word at a zero byte: tapes are padded so. A trace is no tape, and more may stand behind it.
  if (packed > gunzip.bytesWritten) throw refusal(name, "the end of the file", "bytes after the gzip data", gunzip.bytesWritten);
}

/** What zlib complains of. It says where it was only when the data ended too early. */
function gzipRefusal(name: string, reason: unknown, packed: number, unpackedFrom: number): Refusal | undefined {
  if (!(reason instanceof Error) || !("code" in reason)) return undefined;
  if (reason.code === "Z_BUF_ERROR") return refusal(name, "more gzip data", "the end of the file", packed);
  if (reason.code === "Z_DATA_ERROR") return refusal(name, "gzip data", reason.message, `${unpackedFrom} or later`);
  return undefined;
}
