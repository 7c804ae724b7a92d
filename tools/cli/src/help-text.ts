// What stands below the lists of flags: examples, and what exit codes mean.

/** Below the list of commands. */
export const programHelp = `
A trace is a recorded stream (*.mr) or lackey text of Valgrind, as it is or in
gzip; - is stdin.

Examples:
  $ pagelapse replay sqlite.mr.gz
  $ pagelapse info sqlite.mr.gz
  $ pagelapse events sqlite.mr.gz --kind dirty-set --count 10
  $ pagelapse walk --memory ram.bin --root 0x1000 0xffff888000001000

Exit codes:
  0    done, and what was checked held
  1    a strategy that claims to be correct was not, or final memory differs
  2    bad usage or bad input: one line on stderr says which
  70   a fault of pagelapse itself
  130  interrupted`;

/** Below the flags of `replay`. */
export const replayHelp = `
Strategies:
  dirty-bit           D taken with the program stopped, flushed, then copied
  report-basic        the lab report's full checkpoint
  report-incremental  the lab report's incremental checkpoint
  report-as-printed   the report's listing word for word: two braces are wrong
  soft-dirty          pages whose entry or area is soft-dirty (x86-64)
  write-protect       pages that lost userfaultfd's write protection (x86-64)
  dirty-log           pages in a hypervisor's log, all when it overflows
  content-hash        pages whose SHA-256 is another
Wrong on purpose:
  dirty-bit-no-flush      dirty-bit that does not flush the TLB
  soft-dirty-no-vma-flag  soft-dirty that takes a new area for the old one
  residency               dirty-bit that takes swapped pages for empty
  clear-before-commit     dirty-bit that forgets before the file is durable

Each strategy has a machine of its own, fed the same trace. Memory is rebuilt
from the files at every checkpoint and compared with the machine, page by page.

A scenario (*.scenario) is a history written by hand. It says itself what its
machine is, when checkpoints are taken, and what is to come of each strategy.

Examples:
  $ pagelapse replay sqlite.mr.gz
  $ pagelapse replay lost-page.scenario --strategy dirty-bit
  $ pagelapse replay ls.mr.gz --every 10k --strategy dirty-bit,report-basic
  $ gunzip -c ls.mr.gz | pagelapse replay - --json --out checkpoints`;

/** Below the flags of `info`. */
export const infoHelp = `
Examples:
  $ pagelapse info sqlite.mr.gz
  $ pagelapse info true.lackey.gz --maps true.lackey-maps.gz --json`;

/** Below the flags of `events`. */
export const eventsHelp = `
With --json each event is one JSON object on a line of its own.

Examples:
  $ pagelapse events ls.mr.gz --from 1000 --count 20
  $ pagelapse events ls.mr.gz --kind dirty-set,entry-mapped
  $ pagelapse events ls.mr.gz --json --count 5`;

/** Below the flags of `walk`. */
export const walkHelp = `
Of the memory, the frames of page tables are enough. On x86 the root is what is
in CR3, without its flags: the low 12 bits, 5 on i386-pae. On sv39 it is the
frame number in satp, times 4096.

Examples:
  (qemu) stop
  (qemu) info registers
  (qemu) pmemsave 0 0x40000000 ram.bin
  $ pagelapse walk --memory ram.bin --root 0x1000 0xffff888000001000 0x401000
  $ pagelapse walk --memory ram.bin --root 0x1000 --all
  $ pagelapse walk --memory tables.txt --root 0x80100000 --arch sv39 --runs`;
