// A folder that was named on the command line: a store of images, one image of a store, or one that CRIU wrote.

import { basename, dirname, resolve } from "node:path";
import { BadImage } from "@pagelapse/checkpoint";
import { ImageChain, ImageStore, openCriuImage } from "@pagelapse/checkpoint/store";
import type { StoreSurvey, StoredImage } from "@pagelapse/checkpoint/store";
import { createVfs, isFailure, readdir } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
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
  /** Opens that image, whoever wrote it. */
  readonly open: (image: string) => StoredImage;
  /** Whether CRIU itself wrote it. */
  readonly isCrius: boolean;
  /** The store's own folder, as it would be named. */
  readonly storePath: string;
}

/** Opens a folder that must be there: one image if it has its name or its files, else a store. */
export function openImageFolder(path: string): ImageFolder {
  const absolute = resolve(path);
  const names = namesIn(path);
  const isOurs = names.includes("manifest.json") || /^image-\d+$/.test(basename(absolute));
  const isCrius = !isOurs && names.includes("inventory.img");
  const isImage = isOurs || isCrius;
  if (!isImage && !names.some((name) => /^image-\d+$/.test(name))) {
    throw refusal(path, "images: folders image-1, image-2, ...", names.length === 0 ? "nothing" : `${names[0]} and no image`);
  }
  const vfs = openVfs(isImage ? dirname(absolute) : absolute);
  const store = new ImageStore(vfs, { codecs: imageCodecs });
  return {
    path,
    store,
    image: isImage ? basename(absolute) : undefined,
    open: (image) => (isCrius ? openCriuImage(vfs, image) : store.open(image)),
    isCrius,
    storePath: isImage ? dirname(path) : path,
  };
}

/** The store in a folder of the host. */
export function openStore(path: string): ImageStore {
  return new ImageStore(openVfs(path), { codecs: imageCodecs });
}

function openVfs(path: string): Vfs {
  return createVfs({ fileSystem: new DiskFileSystem(path) });
}

/** The image that was meant, with all it builds on: the newest whole one of a store. */
export function openNewest(folder: ImageFolder): ImageChain {
  const { store, image } = folder;
  const path = image ?? surveyOf(folder, "maps").newest?.path;
  if (path === undefined) throw refusal(folder.path, "an image that is whole", "none; pagelapse verify tells more");
  return believed(folder, () => (folder.isCrius ? new ImageChain([folder.open(path)]) : store.openChain(path)));
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
    const names = readdir(openVfs(path), ".");
    if (isFailure(names)) throw refusal(path, "a folder that can be read", errnoText(names.errno));
    return names.map(({ name }) => name);
  } catch (reason) {
    if (reason instanceof Error && reason.message.endsWith("found a file")) throw refusal(path, "a folder", "a file");
    throw systemRefusal(path, "a folder of images", reason) ?? reason;
  }
}
