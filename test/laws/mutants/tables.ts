// Bugs of tables, TLBs and the frame table.

import { law } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

export const tables: readonly Mutant[] = [
  {
    bug: "a TLB that takes W alone for W and D",
    file: "packages/mmu/src/tlb.ts",
    search: "this.#writableBits = bits.write | bits.dirty;",
    replace: "this.#writableBits = bits.write;",
    law: law.dirty,
  },
  {
    bug: "a TLB that confuses pages a set apart",
    file: "packages/mmu/src/tlb.ts",
    search: "if (this.#readTag[slot] === vpn) return slot;",
    replace: "if (this.#readTag[slot] % 4 === vpn % 4) return slot;",
    law: law.agreement,
  },
  {
    bug: "a processor that does not set D",
    file: "packages/mmu/src/translate.ts",
    search: 'if (access === "write") entry = setBit(',
    replace: 'if (access === "never") entry = setBit(',
    law: law.dirty,
  },
  {
    bug: "a processor that stores through an entry without W",
    file: "packages/mmu/src/translate.ts",
    search: '(access === "write" ? bits.write : bits.read)',
    replace: "bits.read",
    law: law.agreement,
  },
  {
    bug: "a frame freed that is still used once",
    file: "packages/mmu/src/frame-table.ts",
    search: "if (references > 0) return;",
    replace: "if (references > 1) return;",
    law: law.agreement,
  },
  {
    bug: "tables freed that others still use",
    file: "packages/mmu/src/page-table.ts",
    search: "if (start > vaddr || vaddr + span > end) continue;",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "tables never freed",
    file: "packages/mmu/src/page-table.ts",
    search: "frames.release(child);",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a visit that leaves the last page of a range out",
    file: "packages/mmu/src/walk.ts",
    search: "const past = Math.min(level.entryCount, Math.ceil((end - base) / level.span));",
    replace: "const past = Math.min(level.entryCount, Math.ceil((end - 4096 - base) / level.span));",
    law: law.agreement,
  },
  {
    bug: "a switch to another task that keeps the TLB",
    file: "packages/kernel/src/execute.ts",
    search: "flushProcessor(core);\n    core.runOn(processor);",
    replace: "core.runOn(processor);",
    law: law.agreement,
  },
  {
    bug: "a shootdown that nobody hears",
    file: "packages/kernel/src/flush.ts",
    search: "flush(core.tlb);\n    log.processor = here;",
    replace: "log.processor = here;",
    law: law.agreement,
  },
  {
    bug: "a frame freed that its slot still leads to",
    file: "packages/mmu/src/frame-table.ts",
    search: "if (slot !== 0) this.#recorded.word(",
    replace: "if (slot < 0) this.#recorded.word(",
    law: law.agreement,
  },
];
