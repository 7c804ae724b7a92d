// mmap(2): Linux's `do_mmap` and `mmap_region`.

import { isPageAligned, pageAlign } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { areasIn } from "./area.ts";
import type { Area } from "./area.ts";
import { munmap } from "./munmap.ts";
import { fail, succeed } from "./outcome.ts";
import type { Errno, Outcome } from "./outcome.ts";
import { findUnmappedArea } from "./placement.ts";
import {
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_EXECUTABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_SYNC,
  MAP_TYPE,
  PROT_WRITE,
  protFlags,
} from "./system-call-flags.ts";
import {
  VM_ACCOUNT,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_SYNC,
  VM_WRITE,
} from "./vm-flags.ts";

/** The arguments of mmap(2), the open file told by what matters here. */
export interface MmapCall {
  readonly start: number;
  readonly byteCount: number;
  /** PROT_* */
  readonly prot: number;
  /** MAP_* */
  readonly flags: number;
  /** Label of the file, when the call is not MAP_ANONYMOUS. */
  readonly file?: string;
  /** Bytes into the file. */
  readonly offset?: number;
  /** As /proc/PID/maps is to show it; the file's label when left out. */
  readonly name?: string;
  /** How the file was opened; for both when left out. */
  readonly access?: "read" | "write" | "read-write";
  /** Becomes `Area.object` of a file or of shared anonymous memory, which gets a number new to these areas when left out. */
  readonly object?: number;
}

/** Files are no longer than this: `MAX_LFS_FILESIZE`, as near as a number comes. */
const fileLimit = 2 ** 63;
/** What MAP_SHARED_VALIDATE accepts of every file: `LEGACY_MAP_MASK`, the sizes of huge pages (bits 26 to 30) among it. */
const legacyFlags =
  MAP_SHARED |
  MAP_PRIVATE |
  MAP_FIXED |
  MAP_ANONYMOUS |
  MAP_32BIT |
  MAP_ABOVE4G |
  MAP_GROWSDOWN |
  MAP_DENYWRITE |
  MAP_EXECUTABLE |
  MAP_LOCKED |
  MAP_NORESERVE |
  MAP_POPULATE |
  MAP_NONBLOCK |
  MAP_STACK |
  MAP_HUGETLB |
  0x7c00_0000;

/**
 * Maps new memory. With MAP_FIXED, what was there is unmapped first. Limits on locked, promised and total memory are not
 * looked at: the caller is a process that may do so.
 */
export function mmap(areas: readonly Area[], layout: AddressLayout, call: MmapCall): Outcome {
  const file = (call.flags & MAP_ANONYMOUS) === 0 ? call.file : undefined;
  const offset = call.offset ?? 0;
  if (!isPageAligned(layout, offset)) return fail("EINVAL");
  if ((call.flags & MAP_ANONYMOUS) === 0 && file === undefined) return fail("EBADF");
  if (call.byteCount === 0) return fail("EINVAL");
  const byteCount = pageAlign(layout, call.byteCount);
  if (byteCount > layout.taskSize && byteCount >= 2 ** 64) return fail("ENOMEM");
  if (areas.length > layout.mapCountLimit) return fail("ENOMEM");

  const isFixed = (call.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  const type = call.flags & MAP_TYPE;
  const start = findUnmappedArea(areas, layout, {
    address: isFixed ? call.start : roundHint(layout, call.start),
    byteCount,
    flags: isFixed ? call.flags | MAP_FIXED : call.flags,
    backing: file === undefined && (type & MAP_SHARED) === 0 ? "anonymous" : "object",
  });
  if (typeof start !== "number") return fail(start);
  const end = start + byteCount;
  if ((call.flags & MAP_FIXED_NOREPLACE) !== 0 && areasIn(areas, start, end).length > 0) return fail("EEXIST");

  if (file !== undefined && offset + byteCount >= fileLimit) return fail("EOVERFLOW");
  const access = call.access ?? "read-write";
  const errno = file === undefined ? refuseAnonymous(type, call.flags) : refuseFile(type, call, access);
  if (errno !== undefined) return fail(errno);

  const isShared = type !== MAP_PRIVATE;
  const area: Area = {
    start,
    end,
    flags: areaFlags(call, isShared, file !== undefined && access === "read"),
    file,
    offset: file === undefined ? (isShared ? 0 : start) : offset,
    name: call.name ?? file ?? (isShared ? "/dev/zero (deleted)" : ""),
    object: file === undefined && !isShared ? undefined : (call.object ?? (file === undefined ? newObject(areas) : undefined)),
    anonVma: undefined,
  };
  const cleared = clear(areas, layout, start, byteCount);
  if (cleared.errno !== undefined) return cleared;
  return succeed(start, [...cleared.changes, { kind: "area-mapped", area }]);
}

/** What is mapped in the range goes. */
function clear(areas: readonly Area[], layout: AddressLayout, start: number, byteCount: number): Outcome {
  return areasIn(areas, start, start + byteCount).length === 0 ? succeed(0) : munmap(areas, layout, { start, byteCount });
}

/** `round_hint_to_min`: a hint too low is moved up. */
function roundHint(layout: AddressLayout, hint: number): number {
  const page = hint - (hint & (layout.pageBytes - 1));
  return page > 0 && page < layout.mmapMinimum ? layout.mmapMinimum : page;
}

function refuseAnonymous(type: number, flags: number): Errno | undefined {
  if (type === MAP_PRIVATE) return undefined;
  return type === MAP_SHARED && (flags & MAP_GROWSDOWN) === 0 ? undefined : "EINVAL";
}

function refuseFile(type: number, call: MmapCall, access: "read" | "write" | "read-write"): Errno | undefined {
  if (type === MAP_SHARED_VALIDATE && (call.flags & ~legacyFlags) !== 0) return "EOPNOTSUPP";
  if (type !== MAP_SHARED && type !== MAP_SHARED_VALIDATE && type !== MAP_PRIVATE) return "EINVAL";
  if (type !== MAP_PRIVATE && (call.prot & PROT_WRITE) !== 0 && access === "read") return "EACCES";
  if (access === "write") return "EACCES";
  return (call.flags & MAP_GROWSDOWN) === 0 ? undefined : "EINVAL";
}

function areaFlags(call: MmapCall, isShared: boolean, isReadOnlyFile: boolean): number {
  let flags = protFlags(call.prot) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_SOFTDIRTY;
  if ((call.flags & MAP_GROWSDOWN) !== 0) flags |= VM_GROWSDOWN;
  if ((call.flags & MAP_LOCKED) !== 0) flags |= VM_LOCKED;
  if ((call.flags & MAP_SYNC) !== 0) flags |= VM_SYNC;
  if ((call.flags & MAP_STACK) !== 0) flags |= VM_NOHUGEPAGE;
  if ((call.flags & MAP_NORESERVE) !== 0) flags |= VM_NORESERVE;
  if (isShared) flags |= VM_SHARED | VM_MAYSHARE;
  if (isShared && isReadOnlyFile) flags &= ~(VM_MAYWRITE | VM_SHARED);
  if ((flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE) flags |= VM_ACCOUNT;
  return flags;
}

function newObject(areas: readonly Area[]): number {
  return areas.reduce((highest, area) => Math.max(highest, area.object ?? 0), 0) + 1;
}
