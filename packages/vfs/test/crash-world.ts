// Workloads for crash tests in a notation of one line, and what a file system shows after a crash.

import {
  KERNEL_DS,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_RDWR,
  createVfs,
  filpClose,
  filpOpen,
  ftruncate,
  isFailure,
  kernelBuffer,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rmdir,
  setFs,
  symlink,
  unlink,
  vfsFsync,
  vfsRename,
  vfsWrite,
} from "@pagelapse/vfs";
import type { Failure, FileSystem, OpenFile, Vfs } from "@pagelapse/vfs";
import { CrashFileSystem, crashes } from "@pagelapse/vfs/crash";
import type { CrashFileSystemOptions, CrashOptions } from "@pagelapse/vfs/crash";
import { bytesOf, textOf } from "./notation.ts";

/** Blocks of 8 bytes and sectors of 2, so that a dozen letters span blocks. */
export const tiny = { blockBytes: 8, sectorBytes: 2 } as const;

/**
 * Steps with `; ` between: `create P | append P text | write P text at | cut P size | mkdir P | rmdir P | unlink P |
 * link P Q | symlink TARGET P | rename P Q | fsync P | fail P clean | fail P lost | ack label | settle`. `x*30` is the letter 30 times. What a step
 * cannot do it leaves; `settle` makes all durable, and crashes come after it.
 */
export function run(fileSystem: CrashFileSystem, workload: string): void {
  const vfs = quietVfs(fileSystem);
  for (const step of workload === "" ? [] : workload.split("; ")) perform(vfs, fileSystem, step);
}

/** A file system on which a workload ran. */
export function ran(workload: string, options: CrashFileSystemOptions): CrashFileSystem {
  const fileSystem = new CrashFileSystem(options);
  run(fileSystem, workload);
  return fileSystem;
}

/** What there is below the root, a word each name: `a=text`, `d/`, `l->target`. */
export function seen(fileSystem: FileSystem): string {
  return listed(quietVfs(fileSystem), "").join(" ") || "nothing";
}

/** The different sights after the crashes of a workload, in the order of their letters. */
export function sights(fileSystem: CrashFileSystem, options?: CrashOptions): readonly string[] {
  const all = new Set<string>();
  for (const crash of crashes(fileSystem, options)) all.add(seen(crash.recover()));
  return [...all].toSorted();
}

/** A vfs whose buffers are the kernel's. */
export function quietVfs(fileSystem: FileSystem): Vfs {
  const vfs = createVfs({ fileSystem });
  setFs(vfs, KERNEL_DS);
  return vfs;
}

function perform(vfs: Vfs, fileSystem: CrashFileSystem, step: string): void {
  const [verb, path, ...words] = step.split(" ").map((word) => word.replace(/^(.)\*(\d+)$/, (_, x, n) => x.repeat(Number(n))));
  switch (verb) {
    case "create":
      return withFile(vfs, path, O_RDWR | O_CREAT, () => undefined);
    case "append":
      return withFile(vfs, path, O_RDWR | O_CREAT | O_APPEND, (file) => vfsWrite(vfs, file, kernelBuffer(bytesOf(words[0]))));
    case "write":
      return withFile(vfs, path, O_RDWR | O_CREAT, (file) =>
        vfsWrite(vfs, file, kernelBuffer(bytesOf(words[0])), { position: Number(words[1]) }),
      );
    case "cut":
      return withFile(vfs, path, O_RDWR, (file) => ftruncate(vfs, file, Number(words[0])));
    case "fsync": {
      const attributes = lstat(vfs, path);
      const flags = !isFailure(attributes) && attributes.kind === "directory" ? O_RDONLY | O_DIRECTORY : O_RDWR;
      return withFile(vfs, path, flags, (file) => vfsFsync(vfs, file));
    }
    case "fail":
      return withFile(vfs, path, O_RDWR, (file) => fileSystem.failWriteBack(file.handle, words[0] === "lost" ? "lost" : "clean"));
    case "mkdir":
      return void mkdir(vfs, path, 0o755);
    case "rmdir":
      return void rmdir(vfs, path);
    case "unlink":
      return void unlink(vfs, path);
    case "link":
      return void link(vfs, path, words[0]);
    case "symlink":
      return void symlink(vfs, path, words[0]);
    case "rename":
      return void vfsRename(vfs, path, words[0]);
    case "ack":
      return fileSystem.acknowledge(path);
    case "settle":
      return fileSystem.settle();
    default:
      throw new Error(`no step: ${step}`);
  }
}

function withFile(vfs: Vfs, path: string, flags: number, act: (file: OpenFile) => unknown): void {
  const file = filpOpen(vfs, path, flags, 0o644);
  if (isFailure(file)) return;
  act(file);
  filpClose(vfs, file);
}

function listed(vfs: Vfs, directory: string): readonly string[] {
  const entries = readdir(vfs, `${directory}/`);
  if (isFailure(entries)) return [`${directory} ${entries.errno}`];
  return entries.flatMap(({ name, kind }) => {
    const path = `${directory}/${name}`;
    if (kind === "directory") return [`${path.slice(1)}/`, ...listed(vfs, path)];
    const attributes = lstat(vfs, path);
    const links = isFailure(attributes) || attributes.linkCount === 1 ? "" : `(${attributes.linkCount})`;
    return [
      `${path.slice(1)}${links}${kind === "symlink" ? "->" : "="}${shown(kind === "symlink" ? readlink(vfs, path) : readFile(vfs, path))}`,
    ];
  });
}

function shown(content: string | Uint8Array | Failure): string {
  if (isFailure(content)) return content.errno;
  return typeof content === "string" ? content : content.length === 0 ? "" : textOf(content);
}
