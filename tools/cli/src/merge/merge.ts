// `pagelapse merge`: a chain of images made into a full one.

import { mkdirSync } from "node:fs";
import { mergeChain } from "@pagelapse/checkpoint/store";
import type { ImageStore } from "@pagelapse/checkpoint/store";
import { isFailure } from "@pagelapse/vfs";
import { leaveSignalsAlone } from "../early-end.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { believed, openImageFolder, openNewest, openStore } from "../image-folder.ts";
import { printable, toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { formatBytes, formatNumberOf } from "../quantity.ts";
import { errnoText, refusal, systemRefusal } from "../refusal.ts";
import { print } from "../standard-output.ts";

/** The command's flags. */
export interface MergeFlags {
  readonly out?: string;
  readonly json?: true;
}

/** What is written before the image is committed is a leftover that the store knows, so signals may end it at any time. */
export async function merge(path: string, flags: MergeFlags): Promise<ExitCode> {
  leaveSignalsAlone();
  const folder = openImageFolder(path);
  const chain = openNewest(folder);
  const target = flags.out === undefined ? folder.store : madeStore(flags.out);
  const targetPath = flags.out ?? folder.storePath;
  const { image, pages } = mergeChain(chain, freeSequence(target, targetPath));
  const progress = startProgress();
  const pageCount = [...image.processes, ...image.shared]
    .flatMap(({ runs }) => runs)
    .reduce((sum, run) => (run.kind === "DATA" ? sum + run.pageCount : sum), 0);
  try {
    const read = (index: number, page: Uint8Array): void => {
      if ((index & 0xfff) === 0) progress.show(index / pageCount, index, "pages");
      pages.read(index, page);
    };
    const result = believed(folder, () => target.commit(image, { ...pages, read }));
    if (result.kind !== "committed") throw refusal(result.path, "an image written durably", errnoText(result.reason));
    progress.clear();
    const merged = `${targetPath === "." ? "" : `${targetPath}/`}${result.path}`;
    const facts = { merged, images: chain.images.length, pages: pageCount, bytes: result.byteCount, digest: result.digest };
    const text = `${printable(merged)}: ${formatNumberOf(pageCount, "page")} of ${formatNumberOf(facts.images, "image")}, ${formatBytes(result.byteCount)}\n`;
    await print(flags.json === true ? `${toJsonText(facts)}\n` : text);
    return exitCodes.done;
  } finally {
    progress.clear();
  }
}

function madeStore(path: string): ImageStore {
  try {
    mkdirSync(path, { recursive: true });
    return openStore(path);
  } catch (reason) {
    throw systemRefusal(path, "a folder to write to", reason) ?? reason;
  }
}

function freeSequence(store: ImageStore, path: string): number {
  const sequence = store.nextSequence();
  if (isFailure(sequence)) throw refusal(path, "a folder that can be read", errnoText(sequence.errno));
  return sequence;
}
