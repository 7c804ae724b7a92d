// Buffers, positions and the address limit: what node:fs has no word for.

import {
  KERNEL_DS,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  MemoryFileSystem,
  USER_DS,
  createVfs,
  errnoNumber,
  filpClose,
  filpOpen,
  fstat,
  ftruncate,
  getFs,
  isFailure,
  kernelBuffer,
  kernelBufferAddress,
  pread,
  pwrite,
  readFile,
  setFs,
  stat,
  vfsRead,
  vfsWrite,
  withKernelLimit,
} from "@pagelapse/vfs";
import type { Failure, IoBuffer, OpenFile, Vfs } from "@pagelapse/vfs";
import { describe, expect, test } from "vitest";

const taskSize = 0xc000_0000;

function open(vfs: Vfs, flags = O_RDWR | O_CREAT): OpenFile {
  const file = filpOpen(vfs, "/cp_1_0", flags, 0o644);
  if (isFailure(file)) throw new Error(file.errno);
  return file;
}
function newVfs(): Vfs {
  return createVfs({ fileSystem: new MemoryFileSystem(), taskSize });
}
const text = (result: Uint8Array | Failure): string => (isFailure(result) ? result.errno : new TextDecoder().decode(result));
const bytes = (letters: string): Uint8Array => new TextEncoder().encode(letters);

/** User memory of which only the first `mapped` bytes are there. */
function userBuffer(address: number, memory: Uint8Array, mapped: number = memory.length): IoBuffer {
  const reachable = (offset: number, wanted: number): number => Math.max(0, Math.min(wanted, mapped - offset));
  return {
    address,
    byteCount: memory.length,
    copyFrom(offset, target) {
      const count = reachable(offset, target.length);
      target.set(memory.subarray(offset, offset + count));
      return count;
    },
    copyTo(offset, source) {
      const count = reachable(offset, source.length);
      memory.set(source.subarray(0, count), offset);
      return count;
    },
  };
}

describe("the address limit", () => {
  test("a kernel buffer is refused until set_fs(KERNEL_DS), and again after set_fs(old)", () => {
    const vfs = newVfs();
    const file = open(vfs);
    expect(vfsWrite(vfs, file, kernelBuffer(bytes("addr")))).toEqual({ errno: "EFAULT" });
    const old = getFs(vfs);
    expect(old).toBe(USER_DS);
    setFs(vfs, KERNEL_DS);
    expect(vfsWrite(vfs, file, kernelBuffer(bytes("addr")))).toBe(4);
    setFs(vfs, old);
    const target = new Uint8Array(4);
    expect(pread(vfs, file, kernelBuffer(target), 0)).toEqual({ errno: "EFAULT" });
    expect(file.position).toBe(4);
    expect(withKernelLimit(vfs, () => pread(vfs, file, kernelBuffer(target), 0))).toBe(4);
    expect(text(target)).toBe("addr");
    expect(getFs(vfs)).toBe(USER_DS);
  });

  test.each([
    [0, 4, 4],
    [taskSize - 4, 4, 4],
    [taskSize - 3, 4, "EFAULT"],
    [taskSize, 4, "EFAULT"],
    [taskSize, 0, 0],
    [taskSize + 1, 0, "EFAULT"],
    [2 ** 53 - 8, 4, "EFAULT"],
  ])("USER_DS and a buffer at %i of %i bytes: %s", (address, byteCount, expected) => {
    const vfs = newVfs();
    const result = vfsWrite(vfs, open(vfs), userBuffer(address, new Uint8Array(byteCount)));
    expect(isFailure(result) ? result.errno : result).toBe(expected);
  });

  test("a kernel buffer lies above every task size, and its end is an exact number", () => {
    expect(kernelBufferAddress).toBeGreaterThan(2 ** 47);
    expect(Number.isSafeInteger(kernelBufferAddress + 2 ** 31)).toBe(true);
  });

  test("what the file forbids is said before what the address forbids", () => {
    const vfs = newVfs();
    open(vfs);
    expect(vfsWrite(vfs, open(vfs, O_RDONLY), kernelBuffer(bytes("x")))).toEqual({ errno: "EBADF" });
    expect(pwrite(vfs, open(vfs), kernelBuffer(bytes("x")), -1)).toEqual({ errno: "EFAULT" });
    expect(pwrite(vfs, open(vfs), userBuffer(0, bytes("x")), -1)).toEqual({ errno: "EINVAL" });
    expect(pread(vfs, open(vfs), userBuffer(0, bytes("x")), -1)).toEqual({ errno: "EINVAL" });
  });

  test("withKernelLimit puts the limit back when what it runs throws", () => {
    const vfs = newVfs();
    expect(() =>
      withKernelLimit(vfs, () => {
        throw new RangeError("inside");
      }),
    ).toThrow("inside");
    expect(getFs(vfs)).toBe(USER_DS);
  });
});

describe("a buffer that faults", () => {
  test.each([
    ["write", 0, "EFAULT", 0, ""],
    ["write", 3, 3, 3, "hel"],
    ["write", 5, 5, 5, "hello"],
  ] as const)("%s with %i bytes mapped: %s, position %i, file %j", (_, mapped, expected, position, content) => {
    const vfs = newVfs();
    const file = open(vfs);
    const result = vfsWrite(vfs, file, userBuffer(4096, bytes("hello"), mapped));
    expect(isFailure(result) ? result.errno : result).toBe(expected);
    expect(file.position).toBe(position);
    expect(text(readFile(vfs, "/cp_1_0"))).toBe(content);
  });

  test.each([
    [0, "EFAULT", 0],
    [2, 2, 2],
  ])("read with %i bytes mapped: %s, position %i", (mapped, expected, position) => {
    const vfs = newVfs();
    const file = open(vfs);
    pwrite(vfs, file, userBuffer(0, bytes("hello")), 0);
    const result = vfsRead(vfs, file, userBuffer(4096, new Uint8Array(5), mapped));
    expect(isFailure(result) ? result.errno : result).toBe(expected);
    expect(file.position).toBe(position);
  });

  test("a write of nothing and a read at the end touch no buffer", () => {
    const vfs = newVfs();
    const file = open(vfs);
    expect(vfsWrite(vfs, file, userBuffer(0, new Uint8Array(0), 0))).toBe(0);
    expect(vfsRead(vfs, file, userBuffer(0, new Uint8Array(5), 0))).toBe(0);
  });
});

describe("positions", () => {
  test("a position of one's own moves, and the file's stays, as with loff_t *pos", () => {
    const vfs = newVfs();
    const file = open(vfs);
    const own = { position: 2 };
    expect(vfsWrite(vfs, file, userBuffer(0, bytes("ab")), own)).toBe(2);
    expect(vfsWrite(vfs, file, userBuffer(0, bytes("c")), own)).toBe(1);
    expect([own.position, file.position]).toEqual([5, 0]);
    expect(text(readFile(vfs, "/cp_1_0"))).toBe("\0\0abc");
  });

  test("an append moves a position of one's own to the end", () => {
    const vfs = newVfs();
    pwrite(vfs, open(vfs), userBuffer(0, bytes("hello")), 0);
    const own = { position: 1 };
    expect(vfsWrite(vfs, open(vfs, O_WRONLY | O_APPEND), userBuffer(0, bytes("!")), own)).toBe(1);
    expect(own.position).toBe(6);
  });

  test("a file ends at 2^53 - 1 at the latest", () => {
    const vfs = newVfs();
    const file = open(vfs);
    const last = Number.MAX_SAFE_INTEGER;
    expect(pwrite(vfs, file, userBuffer(0, bytes("abc")), last - 1)).toBe(1);
    expect(pwrite(vfs, file, userBuffer(0, bytes("abc")), last)).toEqual({ errno: "EFBIG" });
    expect(pread(vfs, file, userBuffer(0, new Uint8Array(9)), last - 1)).toBe(1);
    expect(pread(vfs, file, userBuffer(0, new Uint8Array(9)), last)).toBe(0);
    expect(fstat(vfs, file)).toMatchObject({ size: last });
    expect(ftruncate(vfs, file, last + 1)).toEqual({ errno: "EFBIG" });
    expect(ftruncate(vfs, file, -1)).toEqual({ errno: "EINVAL" });
    expect(readFile(vfs, "/cp_1_0")).toEqual({ errno: "EFBIG" });
  });

  test("a file of one vfs is closed to another", () => {
    const [mine, other] = [newVfs(), newVfs()];
    const file = open(mine);
    expect(vfsRead(other, file, userBuffer(0, new Uint8Array(1)))).toEqual({ errno: "EBADF" });
    expect(filpClose(other, file)).toEqual({ errno: "EBADF" });
    expect(filpClose(mine, file)).toBeUndefined();
  });
});

test("a failure is one frozen object an errno, and has Linux's number", () => {
  const vfs = newVfs();
  const failure = stat(vfs, "/none");
  expect(stat(vfs, "/nor-this")).toBe(failure);
  expect(Object.isFrozen(failure)).toBe(true);
  expect(isFailure(failure) && errnoNumber(failure.errno)).toBe(2);
});

test("files and directories get their mode less the umask", () => {
  const vfs = createVfs({ fileSystem: new MemoryFileSystem() });
  filpOpen(vfs, "/a", O_CREAT | O_WRONLY, 0o666);
  expect(stat(vfs, "/a")).toMatchObject({ mode: 0o644, linkCount: 1 });
  expect(stat(vfs, "/")).toMatchObject({ kind: "directory", linkCount: 2 });
  const unmasked = createVfs({ fileSystem: new MemoryFileSystem(), umask: 0 });
  filpOpen(unmasked, "/a", O_CREAT | O_WRONLY, 0o666);
  expect(stat(unmasked, "/a")).toMatchObject({ mode: 0o666 });
});

test.each([
  ["a path of 4095 bytes may be walked", `${"/".repeat(4094)}a`, "ENOENT"],
  ["a path of 4096 bytes may not", `${"/".repeat(4095)}a`, "ENAMETOOLONG"],
  ["bytes count, not letters", "/é".repeat(1366), "ENAMETOOLONG"],
  ["a zero byte is in no path", "/a\0b", "EINVAL"],
  ["half a surrogate pair is no text", "/\ud800", "EINVAL"],
])("%s", (_, path, errno) => {
  expect(stat(newVfs(), path)).toEqual({ errno });
});
