// `pagelapse verify`: images checked byte for byte.

import { BadImage } from "@pagelapse/checkpoint";
import { ImageChain } from "@pagelapse/checkpoint/store";
import type { StoredImage } from "@pagelapse/checkpoint/store";
import { leaveSignalsAlone } from "../early-end.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { imageRefusal, openImageFolder, surveyOf } from "../image-folder.ts";
import type { ImageFolder } from "../image-folder.ts";
import { toJsonText } from "../printable.ts";
import { refusal } from "../refusal.ts";
import { startProgress } from "../progress.ts";
import type { Progress } from "../progress.ts";
import { print } from "../standard-output.ts";
import { formatVerdict } from "./format-verdict.ts";
import type { Verdict } from "./format-verdict.ts";

/** Nothing is written, so signals may end it as they end anything. */
export async function verify(path: string, flags: { readonly json?: true }): Promise<ExitCode> {
  leaveSignalsAlone();
  const folder = openImageFolder(path);
  if (folder.isCrius) throw refusal(path, "an image with manifest.json", "one that CRIU itself wrote, which has no checksums");
  const progress = startProgress();
  let verdict: Verdict;
  try {
    verdict = folder.image === undefined ? judgeStore(folder, progress) : judgeChain(folder, folder.image, progress);
  } finally {
    progress.clear();
  }
  await print(flags.json === true ? `${toJsonText(verdict)}\n` : formatVerdict(verdict));
  return verdict.rejected.length === 0 ? exitCodes.done : exitCodes.disproved;
}

function judgeStore(folder: ImageFolder, progress: Progress): Verdict {
  const found = surveyOf(folder, "pages", (_, done, count) => progress.show(done / count, done, "images"));
  return {
    folder: folder.path,
    images: found.images.map(factsOf),
    rejected: found.rejected.map(({ path, kind, reason }) => ({
      name: path,
      kind,
      reason: imageRefusal(folder, reason).message,
    })),
    leftovers: found.leftovers,
    strangers: found.strangers,
    newest: found.newest?.path,
  };
}

/** The chain of one image, each of its images read from the oldest on. */
function judgeChain(folder: ImageFolder, image: string, progress: Progress): Verdict {
  const whole: StoredImage[] = [];
  const rejected: Verdict["rejected"][number][] = [];
  try {
    const { images } = folder.store.openChain(image);
    for (let at = images.length - 1; at >= 0; at--) {
      progress.show(whole.length / images.length, whole.length, "images");
      new ImageChain(images.slice(at)).verify();
      whole.push(images[at]);
    }
  } catch (reason) {
    if (!(reason instanceof BadImage)) throw reason;
    rejected.push({ name: image, kind: "damaged", reason: imageRefusal(folder, reason).message });
  }
  return {
    folder: folder.path,
    images: whole.map(factsOf),
    rejected,
    leftovers: [],
    strangers: [],
    newest: whole.at(-1)?.path,
  };
}

function factsOf({ path, image, pageCount, byteCount, encoding }: StoredImage): Verdict["images"][number] {
  return { name: path, sequence: image.sequence, parent: image.parent?.sequence, pages: pageCount, bytes: byteCount, encoding };
}
