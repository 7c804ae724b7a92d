export { errnoNumber, isErrno, isFailure } from "./errno.ts";
export type { Errno, Failure } from "./errno.ts";
export { createVfs } from "./vfs.ts";
export type { Vfs, VfsOptions } from "./vfs.ts";
export { KERNEL_DS, USER_DS, getFs, setFs, withKernelLimit } from "./address-limit.ts";
export type { AddressLimit } from "./address-limit.ts";
export { kernelBuffer, kernelBufferAddress } from "./io-buffer.ts";
export type { IoBuffer } from "./io-buffer.ts";
export {
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "./open-flags.ts";
export { filpClose, filpOpen } from "./filp-open.ts";
export type { OpenFile, PositionHolder } from "./open-file.ts";
export { pread, vfsRead } from "./vfs-read.ts";
export { pwrite, vfsWrite } from "./vfs-write.ts";
export { ftruncate } from "./ftruncate.ts";
export { vfsFsync } from "./vfs-fsync.ts";
export { vfsRename } from "./vfs-rename.ts";
export { link, readlink, symlink } from "./link.ts";
export { unlink } from "./unlink.ts";
export { chdir, mkdir, readdir, rmdir } from "./directories.ts";
export { fstat, lstat, stat } from "./stat.ts";
export { readFile } from "./read-file.ts";
export { writeFileDurably } from "./write-file-durably.ts";
export type { DurabilityFailure } from "./write-file-durably.ts";
export type { FileOperation, Observer, Verb } from "./observer.ts";
export type { Attributes, CreatedFile, DirectoryEntry, FileSystem, Handle, InodeKind, InodeNumber } from "./file-system.ts";
export { MemoryFileSystem } from "./memory-file-system.ts";
export type { MemoryFileSystemOptions } from "./memory-file-system.ts";
