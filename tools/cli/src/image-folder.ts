// A folder that was named on the command line: a store of images, or one image of a store.

import { basename, dirname, resolve } from "node:path";
import { BadImage } from "@pagelapse/checkpoint";
import { ImageStore } from "@pagelapse/checkpoint/store";
import type { ImageChain, StoreSurvey } from "@pagelapse/checkpoint/store";
import { createVfs, isFailure, readdir } from "@pagelapse/vfs";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { imageCodecs } from "./image-codecs.ts";
import { errnoText, refusal, systemRefusal } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

/** Where images are. */
export interface ImageFolder {
  /** As it was named. */
  readonly path: string;
  readonly store: ImageStore;
  /** Name of the one image that was meant; `undefined`: the whole store. */
  readonly image: string | undefined;
  /** The store's own folder, as it would be named. */
  readonly storePath: string;
}

/** Opens a folder that must be there: one image if it holds a manifest or has the name of one, else a store. */
export function openImageFolder(path: string): ImageFolder {
  const absolute = resolve(path);
  const names = namesIn(path);
  const isImage = names.includes("manifest.json") || /^image-\d+$/.test(basename(absolute));
  if (!isImage && names.includes("inventory.img"))
    throw refusal(path, "an image with manifest.json", "one that CRIU itself wrote");
  if (!isImage && !names.some((name) => /^image-\d+$/.test(name))) {
    throw refusal(path, "images: folders image-1, image-2, ...", names.length === 0 ? "nothing" : `${names[0]} and no image`);
  }
  return isImage
    ? { path, store: openStore(dirname(absolute)), image: basename(absolute), storePath: dirname(path) }
    : { path, store: openStore(absolute), image: undefined, storePath: path };
}

/** The store in a folder of the host. */
export function openStore(path: string): ImageStore {
  return new ImageStore(createVfs({ fileSystem: new DiskFileSystem(path) }), { codecs: imageCodecs });
}

/** The image that was meant, with all it builds on: the newest whole one of a store. */
export function openNewest(folder: ImageFolder): ImageChain {
  const { store, image } = folder;
  const path = image ?? surveyOf(folder, "maps").newest?.path;
  if (path === undefined) throw refusal(folder.path, "an image that is whole", "none; pagelapse verify tells more");
  return believed(folder, () => store.openChain(path));
}

/** All that stands in a store. */
export function surveyOf({ path, store }: ImageFolder, ...how: Parameters<ImageStore["survey"]>): StoreSurvey {
  const found = store.survey(...how);
  if (isFailure(found)) throw refusal(path, "a folder that can be read", errnoText(found.errno));
  return found;
}

/** Runs `act`; an image that is not believed is bad input. */
export function believed<Result>(folder: ImageFolder, act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    if (reason instanceof BadImage) throw imageRefusal(folder, reason);
    throw reason;
  }
}

/** What is wrong with an image, in a line. */
export function imageRefusal({ storePath }: ImageFolder, { file, offset, expected, found }: BadImage): Refusal {
  return refusal(storePath === "." ? file : `${storePath}/${file}`, expected, errnoText(found), offset);
}

function namesIn(path: string): readonly string[] {
  try {
    const names = readdir(createVfs({ fileSystem: new DiskFileSystem(path) }), ".");
    if (isFailure(names)) throw refusal(path, "a folder that can be read", errnoText(names.errno));
    return names.map(({ name }) => name);
  } catch (reason) {
    if (reason instanceof Error && reason.message.endsWith("found a file")) throw refusal(path, "a folder", "a file");
    throw systemRefusal(path, "a folder of images", reason) ?? reason;
  }
}
