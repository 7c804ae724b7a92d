// The flags of open(2), with Linux's numbers (include/uapi/asm-generic/fcntl.h, as x86 has them).

/** Open for reading only. */
export const O_RDONLY = 0;
/** Open for writing only. */
export const O_WRONLY = 1;
/** Open for reading and writing. */
export const O_RDWR = 2;
/** The two bits that hold one of the three above; both set allows neither reading nor writing, as on Linux. */
export const O_ACCMODE = 3;
/** Create the file if its name does not exist. */
export const O_CREAT = 0o100;
/** With `O_CREAT`: fail if the name exists, were it a dangling symlink. */
export const O_EXCL = 0o200;
/** Cut a regular file to no bytes. */
export const O_TRUNC = 0o1000;
/** Every write goes to the end of the file, wherever the position is. */
export const O_APPEND = 0o2000;
/** Fail unless the path is a directory. */
export const O_DIRECTORY = 0o200000;
/** Fail if the last name of the path is a symlink. */
export const O_NOFOLLOW = 0o400000;

/** Whether an open file with these flags may be read (FMODE_READ). */
export function allowsRead(flags: number): boolean {
  const access = flags & O_ACCMODE;
  return access === O_RDONLY || access === O_RDWR;
}

/** Whether an open file with these flags may be written (FMODE_WRITE). */
export function allowsWrite(flags: number): boolean {
  const access = flags & O_ACCMODE;
  return access === O_WRONLY || access === O_RDWR;
}
