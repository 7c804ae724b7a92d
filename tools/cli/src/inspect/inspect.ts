// `pagelapse inspect`: what is in images, told without reading their pages.

import type { StoredImage } from "@pagelapse/checkpoint/store";
import { leaveSignalsAlone } from "../early-end.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { believed, imageRefusal, openImageFolder, surveyOf } from "../image-folder.ts";
import type { ImageFolder } from "../image-folder.ts";
import { toJsonText } from "../printable.ts";
import { print } from "../standard-output.ts";
import { formatImage } from "./format-image.ts";
import { formatStore } from "./format-store.ts";
import type { StoreFacts } from "./format-store.ts";
import { pageCountsOf } from "./page-counts.ts";

/** Nothing is written, so signals may end it as they end anything. */
export async function inspect(path: string, flags: { readonly json?: true }): Promise<ExitCode> {
  leaveSignalsAlone();
  const folder = openImageFolder(path);
  const { image } = folder;
  if (image === undefined) {
    const facts = storeFacts(folder);
    await print(flags.json === true ? `${toJsonText(facts)}\n` : formatStore(facts));
  } else {
    const stored = believed(folder, () => folder.open(image));
    await print(flags.json === true ? `${toJsonText(imageFacts(stored))}\n` : formatImage(stored));
  }
  return exitCodes.done;
}

function storeFacts(folder: ImageFolder): StoreFacts {
  const { images, rejected, leftovers, strangers } = surveyOf(folder, "maps");
  return {
    folder: folder.path,
    images: images.map(({ path, image, encoding, byteCount }) => ({
      name: path,
      parent: image.parent?.sequence,
      strategy: image.strategy,
      moment: image.moment,
      processes: image.processes.length,
      pages: pageCountsOf([...image.processes, ...image.shared].flatMap(({ runs }) => runs)),
      encoding,
      bytes: byteCount,
    })),
    rejected: rejected.map(({ path, kind, reason }) => ({ name: path, kind, reason: imageRefusal(folder, reason).message })),
    leftovers,
    strangers,
  };
}

/** The tree as the manifest has it, with what was counted. */
function imageFacts({ image, path, digest, encoding, pageCount, byteCount }: StoredImage): object {
  return { name: path, digest, encoding, pages: pageCount, bytes: byteCount, ...image };
}
