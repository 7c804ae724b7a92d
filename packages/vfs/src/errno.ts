// Why an operation failed, as a value: the names of errno(3) with Linux's numbers.

/** Linux's numbers, the same on x86, arm64 and riscv64 (include/uapi/asm-generic/errno-base.h, errno.h). */
const numbers = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EMLINK: 31,
  ENAMETOOLONG: 36,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ESTALE: 116,
  EDQUOT: 122,
} as const;

/** The name of a reason. */
export type Errno = keyof typeof numbers;

/** What an operation returns when it failed. Failures are frozen, and one errno is always the same object. */
export interface Failure {
  readonly errno: Errno;
}

const failures = new Map<Errno, Failure>();

/** The failure for a reason. */
export function fail(errno: Errno): Failure {
  let failure = failures.get(errno);
  if (failure === undefined) failures.set(errno, (failure = Object.freeze({ errno })));
  return failure;
}

/** Whether an operation failed. Holds for every result of this package: none of them has a field `errno` otherwise. */
export function isFailure(result: unknown): result is Failure {
  return typeof result === "object" && result !== null && "errno" in result;
}

/** Linux's number for a name; a system call returns its negative. */
export function errnoNumber(errno: Errno): number {
  return numbers[errno];
}

/** Whether a word is a name that we know. */
export function isErrno(word: string): word is Errno {
  return Object.hasOwn(numbers, word);
}
