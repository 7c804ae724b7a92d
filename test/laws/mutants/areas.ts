// Bugs of areas, and of what happens to entries with them.

import { law } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

export const areas: readonly Mutant[] = [
  {
    bug: "an area that ends a byte later",
    file: "packages/vma/src/area.ts",
    search: "if (areas[middle].end > address) high = middle;",
    replace: "if (areas[middle].end >= address) high = middle;",
    law: law.agreement,
  },
  {
    bug: "a split that keeps the old offset",
    file: "packages/vma/src/area.ts",
    search: "offset: area.offset + (from - area.start)",
    replace: "offset: area.offset",
    law: law.agreement,
  },
  {
    bug: "a merge that ignores flags",
    file: "packages/vma/src/merge.ts",
    search: "((left.flags ^ right.flags) & ~VM_SOFTDIRTY) === 0 &&",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a merge that ignores offsets",
    file: "packages/vma/src/merge.ts",
    search: "left.offset + (left.end - left.start) === right.offset &&",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "an mprotect that fails and takes back what it changed",
    file: "packages/vma/src/mprotect.ts",
    search: 'if (area === undefined || area.start > next) return fail("ENOMEM", changes);',
    replace: 'if (area === undefined || area.start > next) return fail("ENOMEM");',
    law: law.agreement,
  },
  {
    bug: "an mremap that leaves its source mapped",
    file: "packages/vma/src/area-change.ts",
    search: 'return source === "unmapped" ? replaceRange(copied, from, end, [], "both")',
    replace: 'return source === "unmapped" ? copied',
    law: law.agreement,
  },
  {
    bug: "no flush after entries changed",
    file: "packages/kernel/src/area-effects.ts",
    search: "if (first < last) flushRange(core, first, last);",
    replace: "",
    law: law.tlb,
  },
  {
    bug: "an munmap that leaves the first entry",
    file: "packages/kernel/src/area-effects.ts",
    search: "changeEntries(core, start, end, (vaddr, paddr, entry, level) => {\n    clearEntry",
    replace: "changeEntries(core, start + 4096, end, (vaddr, paddr, entry, level) => {\n    clearEntry",
    law: law.agreement,
  },
  {
    bug: "an munmap that forgets what D said of a shared page",
    file: "packages/kernel/src/area-effects.ts",
    search: "frameFlags.cache) !== 0) markWritten(core, first);",
    replace: "frameFlags.cache) !== 0) void 0;",
    law: law.chain,
  },
  {
    bug: "an mprotect that leaves entries as they are",
    file: "packages/kernel/src/area-effects.ts",
    search: "protectPages(core, change.start, change.end);",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "MADV_FREE that takes D and leaves no mark",
    file: "packages/kernel/src/area-effects.ts",
    search: "(wasDirty ? frameFlags.pending : 0)",
    replace: "0",
    law: law.chain,
  },
  {
    bug: "a large page of which one frame is freed",
    file: "packages/kernel/src/area-effects.ts",
    search: "pfn < first + framesBehind(level); pfn++) released.push(pfn);",
    replace: "pfn < first + 1; pfn++) released.push(pfn);",
    law: law.large,
  },
];
