// Deliberate bugs, a line each, and the law that finds each out.

import type { LawName } from "./laws.ts";

/** In the file, `search`, which stands there once, becomes `replace`; then the law named does not hold. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  readonly law: LawName;
}

const agreement = "the machine agrees with the model, with its facts and with itself after every step";
const chain = "each image of a chain brings back memory at its moment, and the last what a full one does";
const tlb = "a TLB of any size gives the same memory, state and files, and so does doing it again";
const dirty = "what changed is dirty";
const looking = "looking changes nothing";
const resuming = "a machine that resumes an image goes on as if it had never stopped, and its next images are right";
const failing = "a checkpoint that fails loses nothing";
const basic = "the report's basic files hold memory where every page may be read";
const increments = "the report's increments add up to memory where nothing goes away";

export const mutants: readonly Mutant[] = [
  {
    bug: "a TLB that takes W alone for W and D",
    file: "packages/mmu/src/tlb.ts",
    search: "this.#writableBits = bits.write | bits.dirty;",
    replace: "this.#writableBits = bits.write;",
    law: dirty,
  },
  {
    bug: "a TLB that confuses pages a set apart",
    file: "packages/mmu/src/tlb.ts",
    search: "if (this.#readTag[slot] === vpn) return slot;",
    replace: "if (this.#readTag[slot] % 4 === vpn % 4) return slot;",
    law: agreement,
  },
  {
    bug: "a processor that does not set D",
    file: "packages/mmu/src/translate.ts",
    search: 'if (access === "write") entry = setBit(',
    replace: 'if (access === "never") entry = setBit(',
    law: dirty,
  },
  {
    bug: "a processor that stores through an entry without W",
    file: "packages/mmu/src/translate.ts",
    search: '(access === "write" ? bits.write : bits.read)',
    replace: "bits.read",
    law: agreement,
  },
  {
    bug: "a frame freed that is still used once",
    file: "packages/mmu/src/frame-table.ts",
    search: "if (references > 0) return;",
    replace: "if (references > 1) return;",
    law: agreement,
  },
  {
    bug: "tables freed that others still use",
    file: "packages/mmu/src/page-table.ts",
    search: "if (start > vaddr || vaddr + span > end) continue;",
    replace: "",
    law: agreement,
  },
  {
    bug: "tables never freed",
    file: "packages/mmu/src/page-table.ts",
    search: "frames.release(child);",
    replace: "",
    law: agreement,
  },
  {
    bug: "a visit that leaves the last page of a range out",
    file: "packages/mmu/src/walk.ts",
    search: "const past = Math.min(level.entryCount, Math.ceil((end - base) / level.span));",
    replace: "const past = Math.min(level.entryCount, Math.ceil((end - 4096 - base) / level.span));",
    law: agreement,
  },
  {
    bug: "an area that ends a byte later",
    file: "packages/vma/src/area.ts",
    search: "if (areas[middle].end > address) high = middle;",
    replace: "if (areas[middle].end >= address) high = middle;",
    law: agreement,
  },
  {
    bug: "a split that keeps the old offset",
    file: "packages/vma/src/area.ts",
    search: "offset: area.offset + (from - area.start)",
    replace: "offset: area.offset",
    law: agreement,
  },
  {
    bug: "a merge that ignores flags",
    file: "packages/vma/src/merge.ts",
    search: "((left.flags ^ right.flags) & ~VM_SOFTDIRTY) === 0 &&",
    replace: "",
    law: agreement,
  },
  {
    bug: "a merge that ignores offsets",
    file: "packages/vma/src/merge.ts",
    search: "left.offset + (left.end - left.start) === right.offset &&",
    replace: "",
    law: agreement,
  },
  {
    bug: "an mprotect that fails and takes back what it changed",
    file: "packages/vma/src/mprotect.ts",
    search: 'if (area === undefined || area.start > next) return fail("ENOMEM", changes);',
    replace: 'if (area === undefined || area.start > next) return fail("ENOMEM");',
    law: agreement,
  },
  {
    bug: "an mremap that leaves its source mapped",
    file: "packages/vma/src/area-change.ts",
    search: 'return source === "unmapped" ? replaceRange(copied, from, end, [], "both")',
    replace: 'return source === "unmapped" ? copied',
    law: agreement,
  },
  {
    bug: "no flush after entries changed",
    file: "packages/kernel/src/area-effects.ts",
    search: "if (first < last) flushRange(core, first, last);",
    replace: "",
    law: tlb,
  },
  {
    bug: "an munmap that leaves the first entry",
    file: "packages/kernel/src/area-effects.ts",
    search: "changeEntries(core, start, end, (vaddr, paddr, entry, level) => {\n    clearEntry",
    replace: "changeEntries(core, start + 4096, end, (vaddr, paddr, entry, level) => {\n    clearEntry",
    law: agreement,
  },
  {
    bug: "an munmap that forgets what D said of a shared page",
    file: "packages/kernel/src/area-effects.ts",
    search: "frameFlags.cache) !== 0) markWritten(core, first);",
    replace: "frameFlags.cache) !== 0) void 0;",
    law: chain,
  },
  {
    bug: "an mprotect that leaves entries as they are",
    file: "packages/kernel/src/area-effects.ts",
    search: "protectPages(core, change.start, change.end);",
    replace: "",
    law: agreement,
  },
  {
    bug: "the zero frame written in place",
    file: "packages/kernel/src/page-fault.ts",
    search: "(!isZero && mayReuse(core, pfn))",
    replace: "isZero || mayReuse(core, pfn)",
    law: agreement,
  },
  {
    bug: "copy-on-write that gives zeros",
    file: "packages/kernel/src/page-fault.ts",
    search: "else recorded.copyFrame(page, copy, pfn);",
    replace: "else recorded.zeroFrame(page, copy);",
    law: agreement,
  },
  {
    bug: "a private page of a file that stores go through",
    file: "packages/kernel/src/permission-of.ts",
    search: '(ownership === "own" || isShared)',
    replace: "true",
    law: agreement,
  },
  {
    bug: "a shared page that is copied",
    file: "packages/kernel/src/page-fault.ts",
    search: "if ((area.flags & VM_SHARED) !== 0 || (",
    replace: "if ((",
    law: agreement,
  },
  {
    bug: "a new page that keeps what its frame held",
    file: "packages/kernel/src/page-fault.ts",
    search: "if (source === undefined) core.recorded.zeroFrame(page, pfn);\n  else core",
    replace: "if (source !== undefined) core",
    law: agreement,
  },
  {
    bug: "a kernel store that nobody is told of",
    file: "packages/kernel/src/user-memory.ts",
    search: "core.log.bytes(KERNEL_STORE, at, paddr, part);",
    replace: "",
    law: agreement,
  },
  {
    bug: "a change of the state that nobody is told of",
    file: "packages/kernel/src/core.ts",
    search: "this.log.detail(catalogue[fact.kind].code, fact);",
    replace: 'if (fact.kind !== "anon-vma-prepared") this.log.detail(catalogue[fact.kind].code, fact);',
    law: agreement,
  },
  {
    bug: "bytes written before the second page of a store faults",
    file: "packages/kernel/src/machine.ts",
    search: "const second = this.#frameForStore(vpn + 1, 0, at);",
    replace:
      "this.#ram.write(first * 4096 + offset, words, at, 4096 - offset);\n    const second = this.#frameForStore(vpn + 1, 0, at);",
    law: agreement,
  },
  {
    bug: "a store whose second page is only read for",
    file: "packages/kernel/src/machine.ts",
    search: "const second = this.#frameForStore(vpn + 1, 0, at);",
    replace: 'const second = this.#frameFor(vpn + 1, "read", 0);',
    law: agreement,
  },
  {
    bug: "a result that depends on how often the program was run",
    file: "packages/kernel/src/page-cache.ts",
    search: "core.frames.setFlags(pfn, frameFlags.cache);",
    replace: "core.frames.setFlags(pfn, frameFlags.cache + 8 * (globalThis.runs = 1 - (globalThis.runs ?? 0)));",
    law: tlb,
  },
  {
    bug: "D cleared and the TLB not told",
    file: "packages/checkpoint/src/dirty-bit/image-checkpointer.ts",
    search: "    tracked.flush();\n",
    replace: "",
    law: chain,
  },
  {
    bug: "an increment that looks at no mark",
    file: "packages/checkpoint/src/trackers/page-tracker.ts",
    search: "page.isSameFrame && !page.isDirty && !page.isPending",
    replace: "page.isSameFrame",
    law: chain,
  },
  {
    bug: "D thrown away when it is taken",
    file: "packages/kernel/src/tracked-task.ts",
    search: "markWritten(this.#core, pfn);",
    replace: "void 0;",
    law: chain,
  },
  {
    bug: "marks that stay after a commit",
    file: "packages/checkpoint/src/dirty-bit/dirty-bit-steps.ts",
    search: "for (const pfn of pages.pending) tracked.dropPending(pfn);",
    replace: "",
    law: chain,
  },
  {
    bug: "marks dropped before the file is durable",
    file: "packages/checkpoint/src/dirty-bit/dirty-bit-steps.ts",
    search: "const failure = writeFileDurably(",
    replace: "for (const pfn of pages.pending) tracked.dropPending(pfn);\n    const failure = writeFileDurably(",
    law: failing,
  },
  {
    bug: "an image read back over the pages of its parent",
    file: "packages/checkpoint/src/dirty-bit/image-chain.ts",
    search: "const pages = new Map<number, Uint8Array>();",
    replace: "const pages = new Map<number, Uint8Array>(this.#image.pages);",
    law: chain,
  },
  {
    bug: "a page that became zero taken for one that is untouched",
    file: "packages/checkpoint/src/dirty-bit/image-chain.ts",
    search: "pages.set(vaddr, page);",
    replace: "if (page !== zeroPage) pages.set(vaddr, page);",
    law: chain,
  },
  {
    bug: "pages that only the page cache holds left out",
    file: "packages/checkpoint/src/visit-pages.ts",
    search: "visitCached(view, area, (vaddr, pfn) => pages.set(vaddr, pfn));",
    replace: "",
    law: chain,
  },
  {
    bug: "a look that faults pages in",
    file: "packages/checkpoint/src/peek-page.ts",
    search: "view.memory.read(pfn * frameBytes, target);",
    replace: "view.memory.read(pfn * frameBytes, target);\n  view.execute?.({ kind: 'load', vaddr, byteCount: 1 });",
    law: looking,
  },
  {
    bug: "a restored page that may always be written",
    file: "packages/checkpoint/src/restore.ts",
    search: "makeEntry(bits, pfn, permissionOf(area), history)",
    replace: "makeEntry(bits, pfn, { read: true, write: true, execute: true }, history)",
    law: resuming,
  },
  {
    bug: "shared memory that is no longer shared after a restore",
    file: "packages/kernel/src/new-task.ts",
    search: "(area, vaddr) => cachedPage(core, area, vaddr)",
    replace: "() => undefined",
    law: resuming,
  },
  {
    bug: "a walk of the report's that stops before an area's last page",
    file: "packages/checkpoint/src/report/walk-through-vmas.ts",
    search: "root, area.start, area.end, (addr) =>",
    replace: "root, area.start, area.end - 4096, (addr) =>",
    law: basic,
  },
  {
    bug: "the report's condition as it was meant, still without a flush",
    file: "packages/checkpoint/src/report/walk-through-vmas.ts",
    search: "|| ptePresent(bits, pte) || pteDirty(bits, pte)",
    replace: "|| pteDirty(bits, pte)",
    law: increments,
  },
];
