// A small real process: frames, tables, a TLB, a page cache and a naive fault handler; and beside it what any page must hold.

import { EventLog } from "@pagelapse/events";
import { cachePlace, cachedFrame, treeOf } from "@pagelapse/checkpoint";
import type {
  AddressSpace,
  CachedObject,
  DirtyLogTaken,
  MappedFiles,
  Snapshot,
  Tracked,
  TrackedProcess,
} from "@pagelapse/checkpoint";
import {
  FrameTable,
  NOT_ALLOWED,
  Ram,
  RecordedRam,
  Tlb,
  allocateTable,
  clearEntry,
  ensureEntry,
  findEntry,
  flagsOf,
  frameBytes,
  frameFlags,
  makeEntry,
  pteDirty,
  pteFrame,
  readEntry,
  translate,
  visitEntries,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Access, Architecture, PhysicalMemory, TableMemory } from "@pagelapse/mmu";
import { createVfs } from "@pagelapse/vfs";
import type { FileSystem, IoBuffer, Vfs } from "@pagelapse/vfs";
import {
  VM_ACCESS_FLAGS,
  VM_EXEC,
  VM_MAYSHARE,
  VM_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_WRITE,
  applyAreaChange,
  areaAt,
} from "@pagelapse/vma";
import type { Area, AreaChange } from "@pagelapse/vma";
import { files } from "./mapped-files.ts";
import type { Backing } from "./mapped-files.ts";
import { copyOf } from "./copy-of.ts";
import { modelPage } from "./model-page.ts";
import type { ModelPage } from "./model-page.ts";
import { present } from "./present.ts";
import { StoreLog } from "./store-log.ts";

export class World implements Tracked, TableMemory {
  readonly architecture: Architecture;
  readonly recorded: RecordedRam;
  readonly frames: FrameTable;
  readonly tlb: Tlb;
  readonly store: Vfs;
  readonly files: MappedFiles = files;
  readonly cached: CachedObject[] = [];
  readonly savedPages: number[] = [];
  readonly ends: string[] = [];
  readonly losesPins = false;
  readonly parentPid = 0;
  readonly descendants: readonly TrackedProcess[] = [];
  readonly moment = 0;
  space: AddressSpace;
  checkCount = 0;
  readonly #model: Map<number, ModelPage> = new Map();
  readonly #objects: Map<string, Uint8Array> = new Map();
  #nextObject = 1;
  #log: StoreLog | undefined;

  constructor(architecture: Architecture, fileSystem: FileSystem, pid = 1) {
    this.architecture = architecture;
    this.recorded = new RecordedRam(new Ram(256), new EventLog(64, 4096));
    this.frames = new FrameTable(this.recorded);
    this.tlb = new Tlb(2, 2, architecture.bits);
    this.store = createVfs({ fileSystem, taskSize: architecture.taskSize });
    const root = present(allocateTable(this, 0));
    this.space = { pid, root, areas: [], startBrk: 0x1000, brk: 0x1234 };
  }

  get memory(): PhysicalMemory {
    return this.recorded.ram;
  }

  map(start: number, end: number, flags: number, backing: Backing, filePage: number): void {
    this.unmap(start, end);
    const isShared = backing === "shared memory" || backing === "shared file";
    const file = backing === "anonymous" || backing === "shared memory" ? undefined : backing;
    const object = backing === "shared memory" ? this.#nextObject++ : undefined;
    const offset = backing === "anonymous" ? start : filePage * frameBytes;
    const area: Area = {
      start,
      end,
      flags: flags | VM_SOFTDIRTY | (isShared ? VM_SHARED | VM_MAYSHARE : 0),
      file,
      offset,
      name: file ?? "",
      object,
      anonVma: undefined,
    };
    this.#change({ kind: "area-mapped", area });
    for (let vaddr = start; vaddr < end; vaddr += frameBytes) this.#model.set(vaddr, modelPage(area, vaddr));
  }

  unmap(start: number, end: number): void {
    this.#change({ kind: "area-unmapped", start, end });
    this.#dropPages(start, end);
    for (let vaddr = start; vaddr < end; vaddr += frameBytes) this.#model.delete(vaddr);
  }

  /** MADV_DONTNEED */
  discard(start: number, end: number): void {
    this.#dropPages(start, end);
    for (let vaddr = start; vaddr < end; vaddr += frameBytes) {
      const page = this.#model.get(vaddr);
      if (page !== undefined) page.own = undefined;
    }
  }

  protect(start: number, end: number, flags: number): void {
    for (const area of this.space.areas.filter((known) => known.start < end && known.end > start)) {
      const kept = (area.flags & ~VM_ACCESS_FLAGS) | flags;
      this.#change({ kind: "area-protected", start: Math.max(start, area.start), end: Math.min(end, area.end), flags: kept });
    }
    const { bits } = this.architecture;
    visitEntries(this.memory, this.architecture, this.space.root, start, end, (vaddr, paddr, entry) => {
      const wanted = { read: (flags & VM_READ) !== 0, write: false, execute: (flags & VM_EXEC) !== 0 };
      writeEntry(this, "entry-protected", vaddr, paddr, makeEntry(bits, pteFrame(bits, entry), wanted, entry.low));
    });
    this.tlb.flush();
  }

  /** mremap to where nothing is mapped. The whole range is mapped. */
  move(start: number, end: number, to: number): void {
    this.#change({ kind: "area-moved", from: start, to, byteCount: end - start, newByteCount: end - start, source: "unmapped" });
    const { bits } = this.architecture;
    visitEntries(this.memory, this.architecture, this.space.root, start, end, (vaddr, paddr, entry) => {
      const target = present(ensureEntry(this, this.space.root, to + (vaddr - start)));
      clearEntry(this, vaddr, paddr);
      const moved = { low: ((entry.low | bits.softDirty) & ~bits.uffdWp) >>> 0, high: entry.high };
      writeEntry(this, "entry-mapped", to + (vaddr - start), target, moved);
    });
    this.tlb.flush();
    for (let vaddr = start; vaddr < end; vaddr += frameBytes) {
      this.#model.set(to + (vaddr - start), present(this.#model.get(vaddr)));
      this.#model.delete(vaddr);
    }
  }

  /** Stores one byte; whether the program may. */
  storeByte(vaddr: number, value: number): boolean {
    const frame = this.#frameFor(vaddr, "write");
    if (frame === undefined) return false;
    this.#log?.add(vaddr - (vaddr & (frameBytes - 1)));
    this.recorded.ram.bytes[frame * frameBytes + (vaddr & (frameBytes - 1))] = value;
    const page = present(this.#model.get(vaddr - (vaddr & (frameBytes - 1))));
    const bytes = page.own ?? this.#objectOf(page) ?? page.untouched();
    const isShared = (present(areaAt(this.space.areas, vaddr)).flags & VM_SHARED) !== 0;
    if (isShared) this.#objects.set(present(page.object), bytes);
    else if (page.own === undefined) page.own = bytes.slice();
    (isShared ? bytes : present(page.own))[vaddr & (frameBytes - 1)] = value;
    return true;
  }

  /** A device stores to a private page of the program's: the frame is marked, and no entry hears of it. */
  storeOfDevice(vaddr: number, value: number): void {
    const frame = pteFrame(this.architecture.bits, readEntry(this.memory, this.architecture, this.entryAt(vaddr)));
    this.recorded.ram.bytes[frame * frameBytes] = value;
    present(present(this.#model.get(vaddr)).own)[0] = value;
    this.#mark(frame);
  }

  load(vaddr: number): void {
    this.#frameFor(vaddr, "read");
  }

  /** What a page must hold; `undefined`: nothing is mapped there. */
  expected(vaddr: number): Uint8Array | undefined {
    const page = this.#model.get(vaddr);
    return page === undefined ? undefined : (page.own ?? this.#objectOf(page) ?? page.untouched());
  }

  /** Whether somebody has stored to what a page shows. */
  isWritten(vaddr: number): boolean {
    const { own, object } = this.#model.get(vaddr) ?? { own: undefined, object: undefined };
    return own !== undefined || (object !== undefined && this.#objects.has(object));
  }

  /** Reclaim takes a page's frame, and a load brings the bytes back in another (or in the same, allocated anew), D clear. */
  swap(vaddr: number): void {
    const { bits } = this.architecture;
    const paddr = this.entryAt(vaddr);
    const entry = readEntry(this.memory, this.architecture, paddr);
    const pfn = pteFrame(bits, entry);
    if (entry.low === 0 || pfn === zeroFrame(this.memory) || (flagsOf(this.memory, pfn) & frameFlags.cache) !== 0) return;
    const bytes = new Uint8Array(frameBytes);
    this.memory.read(pfn * frameBytes, bytes);
    this.tlb.flush();
    this.frames.release(pfn);
    const next = present(this.frames.allocate());
    this.recorded.bytes("frame-filled", vaddr, next * frameBytes, bytes);
    const back = { read: (entry.low & bits.user) !== 0, write: false, execute: false };
    writeEntry(this, "entry-mapped", vaddr, paddr, makeEntry(bits, next, back, entry.low & (bits.softDirty | bits.uffdWp)));
  }

  testAndClearDirty(vaddr: number, paddr: number): boolean {
    const entry = readEntry(this.memory, this.architecture, paddr);
    if (!pteDirty(this.architecture.bits, entry)) return false;
    const low = (entry.low & ~this.architecture.bits.dirty) >>> 0;
    writeEntry(this, "dirty-cleared", vaddr, paddr, { low, high: entry.high });
    return true;
  }

  takeDirty(vaddr: number, paddr: number): void {
    const pfn = pteFrame(this.architecture.bits, readEntry(this.memory, this.architecture, paddr));
    if (this.testAndClearDirty(vaddr, paddr)) this.#mark(pfn);
  }

  dropPending(pfn: number): void {
    this.frames.setFlags(pfn, flagsOf(this.memory, pfn) & ~frameFlags.pending);
  }

  flush(): void {
    this.tlb.flush();
  }

  clearSoftDirty(): void {
    const { softDirty, write } = this.architecture.bits;
    this.space = { ...this.space, areas: this.space.areas.map((area) => ({ ...area, flags: area.flags & ~VM_SOFTDIRTY })) };
    this.#changeEntries("soft-dirty-cleared", 0, this.architecture.taskSize, (low) => low & ~(softDirty | write));
  }

  protectWrites(start: number, byteCount: number): void {
    const { uffdWp, write } = this.architecture.bits;
    this.#changeEntries("writes-protected", start, start + byteCount, (low) => (low | uffdWp) & ~write);
  }

  startDirtyLog(capacity: number): void {
    this.#log = new StoreLog(capacity);
  }

  /** Every store is logged, those that a TLB serves among them: the log of this machine costs nothing. */
  takeDirtyLog(): DirtyLogTaken | undefined {
    const taken = this.#log?.taken(this.space.pid);
    if (this.#log !== undefined) this.startDirtyLog(this.#log.capacity);
    return taken;
  }

  /** A page whose entry is neither none nor present cannot be read: this machine has no swap to bring it back from. */
  userBuffer(vaddr: number, byteCount: number): IoBuffer {
    return {
      address: vaddr,
      byteCount,
      copyFrom: (offset, target) => {
        const frame = this.#frameFor(vaddr + offset, "read");
        if (frame !== undefined) this.memory.read(frame * frameBytes, target);
        return frame === undefined ? 0 : target.length;
      },
      copyTo: () => 0,
    };
  }

  fork = (): Snapshot => copyOf(this);

  countCheck(): void {
    this.checkCount++;
  }
  begun(): void {
    this.savedPages.length = 0;
  }
  saved(vaddr: number): void {
    this.savedPages.push(vaddr);
  }
  committed(): void {
    this.ends.push("committed");
  }
  failed(): void {
    this.ends.push("failed");
  }

  #changeEntries(
    kind: "soft-dirty-cleared" | "writes-protected",
    start: number,
    end: number,
    change: (low: number) => number,
  ): void {
    visitEntries(this.memory, this.architecture, this.space.root, start, end, (vaddr, paddr, { low, high }) =>
      writeEntry(this, kind, vaddr, paddr, { low: change(low) >>> 0, high }),
    );
    this.tlb.flush();
  }

  #change(change: AreaChange): void {
    this.space = { ...this.space, areas: applyAreaChange(this.space.areas, change) };
  }

  #objectOf(page: ModelPage): Uint8Array | undefined {
    return page.object === undefined ? undefined : this.#objects.get(page.object);
  }

  /** D that the kernel takes away goes to the frame. */
  #mark(pfn: number): void {
    this.frames.setFlags(pfn, flagsOf(this.memory, pfn) | frameFlags.dirty | frameFlags.pending);
  }

  #dropPages(start: number, end: number): void {
    const { bits } = this.architecture;
    const released: number[] = [];
    visitEntries(this.memory, this.architecture, this.space.root, start, end, (vaddr, paddr, entry) => {
      const pfn = pteFrame(bits, entry);
      if (pfn !== zeroFrame(this.memory)) {
        if (pteDirty(bits, entry)) this.#mark(pfn);
        released.push(pfn);
      }
      clearEntry(this, vaddr, paddr);
    });
    this.tlb.flush();
    for (const pfn of released) this.frames.release(pfn);
  }

  #frameFor(vaddr: number, access: Access): number | undefined {
    const page = vaddr - (vaddr & (frameBytes - 1));
    for (;;) {
      const frame = translate(this, this.tlb, this.space.root, page / frameBytes, access);
      if (frame >= 0) return frame;
      const area = areaAt(this.space.areas, page);
      if (area === undefined || (area.flags & (access === "write" ? VM_WRITE : VM_ACCESS_FLAGS)) === 0) return undefined;
      const paddr = present(ensureEntry(this, this.space.root, page));
      const entry = readEntry(this.memory, this.architecture, paddr);
      if (frame !== NOT_ALLOWED && entry.low !== 0) return undefined;
      this.#fault(area, page, paddr, access);
    }
  }

  /** Maps a page so that the access can go on. */
  #fault(area: Area, page: number, paddr: number, access: Access): void {
    const { bits } = this.architecture;
    const isShared = (area.flags & VM_SHARED) !== 0;
    const before = readEntry(this.memory, this.architecture, paddr);
    const old = before.low === 0 ? undefined : pteFrame(bits, before);
    const source = old ?? this.#sourceOf(area, page);
    const isOwn = old !== undefined && old !== zeroFrame(this.memory) && (flagsOf(this.memory, old) & frameFlags.cache) === 0;
    let pfn = source;
    if (access === "write" && !isShared && !isOwn) {
      pfn = present(this.frames.allocate());
      this.recorded.copyFrame(page, pfn, source);
      if (old !== undefined && old !== zeroFrame(this.memory)) this.frames.release(old);
    } else if (old === undefined && source !== zeroFrame(this.memory)) {
      this.frames.share(source);
    }
    const permission = { read: true, write: access === "write", execute: (area.flags & VM_EXEC) !== 0 };
    const history = access === "write" ? (before.low | bits.softDirty) & ~bits.uffdWp : before.low;
    writeEntry(this, "entry-mapped", page, paddr, makeEntry(bits, pfn, permission, history));
    this.tlb.flush();
  }

  /** The frame that a first touch finds: the zero frame, or the page cache's. */
  #sourceOf(area: Area, page: number): number {
    const place = cachePlace(this.architecture, area, page);
    if (place === undefined) return zeroFrame(this.memory);
    const known = cachedFrame(this, place);
    if (known !== undefined) return known;
    let root = treeOf(this, place);
    if (root === undefined) {
      root = present(allocateTable(this, 0));
      this.cached.push({ file: place.file, object: place.object, base: place.base, root });
    }
    const paddr = present(ensureEntry(this, root, place.address));
    const pfn = present(this.frames.allocate());
    const bytes = new Uint8Array(frameBytes);
    if (area.file !== undefined) files.read(area.file, area.offset + (page - area.start), bytes);
    this.recorded.bytes("frame-filled", 0, pfn * frameBytes, bytes);
    this.frames.setFlags(pfn, frameFlags.cache);
    writeEntry(
      this,
      "page-cached",
      0,
      paddr,
      makeEntry(this.architecture.bits, pfn, { read: true, write: false, execute: false }, 0),
    );
    return pfn;
  }

  /** Physical address of a page's entry, tables made as needed: for tests that write one by hand. */
  entryAt(vaddr: number): number {
    const paddr = findEntry(this.memory, this.architecture, this.space.root, vaddr);
    return paddr >= 0 ? paddr : present(ensureEntry(this, this.space.root, vaddr));
  }
}
