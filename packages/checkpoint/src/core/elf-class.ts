// The two sizes of ELF files, and the processors that a core can be of.

import type { Architecture } from "@pagelapse/mmu";

/*
 * Little-endian: System V ABI, chapters "Object files" and "Program loading".
 *
 *     ELF header        64 bit  32 bit     program header  64 bit  32 bit     note (4.4: both sizes alike)
 *     e_ident            0       0          p_type          0       0          n_namesz   0
 *     e_type  e_machine  16 18   16 18      p_flags         4      24          n_descsz   4
 *     e_version          20      20         p_offset        8       4          n_type     8
 *     e_entry            24      24         p_vaddr        16       8          name, zeros up to a multiple of 4
 *     e_phoff            32      28         p_paddr        24      12          desc, the same
 *     e_shoff            40      32         p_filesz       32      16
 *     e_flags            48      36         p_memsz        40      20
 *     e_ehsize ...       52      40         p_align        48      28
 *     all                64      52         all            56      32
 */

/** Layouts that depend on the word of the processor. */
export interface ElfClass {
  /** EI_CLASS */
  readonly ident: 1 | 2;
  readonly wordBytes: 4 | 8;
  readonly headerBytes: number;
  /** e_phoff, e_shoff, e_flags, e_ehsize (with e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx behind it). */
  readonly headerFields: readonly [phoff: number, shoff: number, flags: number, sizes: number];
  readonly programHeaderBytes: number;
  readonly segmentFields: SegmentFields;
  readonly sectionHeaderBytes: number;
  /** sh_info */
  readonly sectionInfo: number;
}

/** Where the fields of a program header stand. */
interface SegmentFields {
  readonly flags: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

/** ELFCLASS32 */
const elf32: ElfClass = {
  ident: 1,
  wordBytes: 4,
  headerBytes: 52,
  headerFields: [28, 32, 36, 40],
  programHeaderBytes: 32,
  segmentFields: { flags: 24, offset: 4, vaddr: 8, fileSize: 16, memorySize: 20, align: 28 },
  sectionHeaderBytes: 40,
  sectionInfo: 28,
};

/** ELFCLASS64 */
const elf64: ElfClass = {
  ident: 2,
  wordBytes: 8,
  headerBytes: 64,
  headerFields: [32, 40, 48, 52],
  programHeaderBytes: 56,
  segmentFields: { flags: 4, offset: 8, vaddr: 16, fileSize: 32, memorySize: 40, align: 48 },
  sectionHeaderBytes: 64,
  sectionInfo: 44,
};

/** What of a core is the processor's. */
export interface CoreMachine {
  readonly elf: ElfClass;
  /** e_machine */
  readonly machine: number;
  /** Bytes of Linux's `struct elf_prstatus`; `pr_pid` stands at `pidOffset`. */
  readonly statusBytes: number;
  readonly pidOffset: number;
}

/** The machine of an architecture: EM_386, EM_X86_64 or EM_RISCV. */
export function coreMachine({ name }: Architecture): CoreMachine {
  switch (name) {
    case "i386":
    case "i386-pae":
      return { elf: elf32, machine: 3, statusBytes: 144, pidOffset: 24 };
    case "x86-64":
    case "x86-64-la57":
      return { elf: elf64, machine: 62, statusBytes: 336, pidOffset: 32 };
    case "sv39":
      return { elf: elf64, machine: 243, statusBytes: 376, pidOffset: 32 };
  }
}

/** Writes a word of the class. */
export function putWord({ wordBytes }: ElfClass, view: DataView, at: number, value: number): void {
  if (wordBytes === 8) view.setBigUint64(at, BigInt(value), true);
  else view.setUint32(at, value, true);
}
