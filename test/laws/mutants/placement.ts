// Bugs of where pages lie: swap, write-back, pins, migration, large pages.

import { law } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

export const placement: readonly Mutant[] = [
  {
    bug: "a reclaim that forgets what D said",
    file: "packages/kernel/src/reclaim.ts",
    search: "if (pteDirty(architecture.bits, entry)) frames.setFlags(",
    replace: "if (pfn < 0) frames.setFlags(",
    law: law.agreement,
  },
  {
    bug: "a reclaim that flushes nothing",
    file: "packages/kernel/src/reclaim.ts",
    search: "    flushPage(core, vaddr);\n",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a page of MADV_FREE dropped that was stored to since",
    file: "packages/kernel/src/reclaim.ts",
    search: 'if (isDirty) return failed("EBUSY");',
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a slot counted down twice",
    file: "packages/kernel/src/swap-in.ts",
    search: "swap.count(slot, -1);",
    replace:
      "swap.count(slot, -1);\n  if (swapPartner(ram, slot) !== undefined && referencesOf(ram, slot) > 0) swap.count(slot, -1);",
    law: law.agreement,
  },
  {
    bug: "a slot given out that a page in the swap cache has",
    file: "packages/mmu/src/swap-device.ts",
    search: "if (referencesOf(ram, slot) === 0 && swapPartner(ram, slot) === undefined) return slot;",
    replace: "if (referencesOf(ram, slot) === 0) return slot;",
    law: law.agreement,
  },
  {
    bug: "a write-back that flushes nothing",
    file: "packages/kernel/src/write-back.ts",
    search: "      flushPage(core, vaddr);\n",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a file whose page is given up before it is written back",
    file: "packages/kernel/src/reclaim.ts",
    search: "  writeBackFrame(core, pfn);\n",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a device's store that leaves no mark",
    file: "packages/kernel/src/pin.ts",
    search: "  markWritten(core, pin.pfn);\n",
    replace: "",
    law: law.chain,
  },
  {
    bug: "a pin of a page that may not be written yet",
    file: "packages/kernel/src/pin.ts",
    search: "pteUsable(bits, entry) && pteWrite(bits, entry)",
    replace: "pteUsable(bits, entry)",
    law: law.agreement,
  },
  {
    bug: "a pin that does not hold its frame",
    file: "packages/kernel/src/pin.ts",
    search: "  core.frames.share(pfn);\n",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a migration that flushes nothing",
    file: "packages/kernel/src/migrate.ts",
    search: "      flushPage(core, mapping.vaddr);\n",
    replace: "",
    law: law.agreement,
  },
  {
    bug: "a large page split without D",
    file: "packages/mmu/src/large-page.ts",
    search: "const history = large.low | ((large.low & bits.dirty) === 0 ? 0 : bits.softDirty);",
    replace: "const history = large.low & ~bits.dirty;",
    law: law.large,
  },
  {
    bug: "a large page made of zeros",
    file: "packages/kernel/src/large-pages.ts",
    search: "recorded.copyFrame(page, to, from);",
    replace: "recorded.zeroFrame(page, to);",
    law: law.large,
  },
  {
    bug: "a large page reclaimed as if it were small",
    file: "packages/kernel/src/reclaim.ts",
    search: "  splitAround(core, vaddr);\n",
    replace: "",
    law: law.large,
  },
];
