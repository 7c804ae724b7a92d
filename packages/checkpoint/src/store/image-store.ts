// A directory of images: committed so that a crash leaves all of one or none, read so that nothing is believed unchecked.

import { isFailure, readdir } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";
import { sequenceLimit } from "../image/check-tree.ts";
import type { Codec } from "../image/codec.ts";
import type { PageWriter } from "../image/page-writer.ts";
import type { TreeImage } from "../image/tree-image.ts";
import { collect } from "./collect.ts";
import type { Collected } from "./collect.ts";
import { commitImage } from "./commit-image.ts";
import type { CommitResult } from "./commit-result.ts";
import { ImageChain, chainLimit, checkLink } from "./image-chain.ts";
import { directoryOf, imageName, parseName, pathIn } from "./names.ts";
import { openImage } from "./open-image.ts";
import type { StoredImage } from "./stored-image.ts";
import { survey } from "./survey.ts";
import type { StoreSurvey, SurveyDepth, SurveyProgress } from "./survey.ts";

/** How a store is used. */
export interface ImageStoreOptions {
  /** An existing directory; `.` unless given. */
  readonly directory?: string;
  /** By which compressed pages are read. */
  readonly codecs?: readonly Codec[];
}

/**
 * Images in a directory of a vfs, over any back end. One writes at a time; any number may read. What stands there is the only
 * truth: there is no index and no list of the newest.
 */
export class ImageStore {
  readonly directory: string;
  readonly #vfs: Vfs;
  readonly #codecs: readonly Codec[];
  /** The highest sequence that was tried here. */
  #tried = 0;
  /** Sequences whose commit was indeterminate. */
  readonly #doubted: Set<number> = new Set();

  constructor(vfs: Vfs, { directory = ".", codecs = [] }: ImageStoreOptions = {}) {
    this.#vfs = vfs;
    this.directory = directory;
    this.#codecs = codecs;
  }

  /** A sequence that no image here ever had: above all there are, damaged, unfinished and half removed ones among them. */
  nextSequence(): number | Failure {
    const entries = readdir(this.#vfs, this.directory);
    if (isFailure(entries)) return entries;
    return entries.reduce((next, { name }) => Math.max(next, (parseName(name)?.sequence ?? 0) + 1), this.#tried + 1);
  }

  /**
   * Commits an image whose sequence is at least the next, by `commitImage`'s protocol. Another sequence fails with EEXIST. Throws
   * `BadImage` for a tree that no reader would believe, which is its maker's bug.
   */
  commit(image: TreeImage, pages: PageWriter): CommitResult {
    const path = this.pathOf(image.sequence);
    const next = this.nextSequence();
    if (isFailure(next)) return { kind: "failed", path: this.directory, reason: next.errno };
    if (image.sequence < next) return { kind: "failed", path, reason: "EEXIST" };
    if (image.sequence < sequenceLimit) this.#tried = image.sequence;
    const result = commitImage(this.#vfs, this.directory, image, pages);
    if (result.kind === "indeterminate") this.#doubted.add(image.sequence);
    return result;
  }

  /** Opens the image at a path, here or elsewhere; all but the bytes of its pages is checked. Throws `BadImage`. */
  open(path: string): StoredImage {
    return openImage(this.#vfs, path, this.#codecs);
  }

  /** Opens the image at a path and those it builds on, which stand beside it, down to a full one. Throws `BadImage`. */
  openChain(path: string): ImageChain {
    const images = [this.open(path)];
    for (let child = images[0]; child.image.parent !== undefined;) {
      if (images.length === chainLimit)
        throw new BadImage(child.path, 0, `at most ${chainLimit} images in a chain`, "one more that is a parent");
      const parent = this.open(pathIn(directoryOf(path), imageName(child.image.parent.sequence)));
      checkLink(child, parent);
      images.push(parent);
      child = parent;
    }
    return new ImageChain(images);
  }

  /** The path of an image, whether it stands there or not. */
  pathOf(sequence: number): string {
    return pathIn(this.directory, imageName(sequence));
  }

  /**
   * Everything that stands here: which images are whole, what was rejected and why, what was left behind. Reads only, and throws
   * for no damage; a failure is of the directory.
   */
  survey(depth: SurveyDepth, progress?: SurveyProgress): StoreSurvey | Failure {
    return survey(this.#vfs, this.directory, this.#codecs, depth, progress);
  }

  /** Removes what the newest two full images and the increments on them do not need. What fails is told, and left for the next time. */
  collect(): Collected {
    const found = this.survey("maps");
    if (isFailure(found)) return { removed: [], failed: [{ path: this.directory, reason: found.errno }] };
    return collect(this.#vfs, this.directory, found, this.#doubted);
  }
}
