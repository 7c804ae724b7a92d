// What a checkpoint costs in time: a price for each thing that it does, each settable.

/** A thing that costs time. */
export type CostName =
  | "scan"
  | "check"
  | "copy"
  | "fork"
  | "write"
  | "sync"
  | "flush"
  | "shootdown"
  | "fault"
  | "open"
  | "read"
  | "store";

/** A price. */
export interface Price {
  /** Seconds for one. */
  readonly seconds: number;
  /** What one is. */
  readonly each: string;
  /** Measured on Linux 6.18 and an AMD Zen 5, or assumed. */
  readonly basis: "measured" | "assumed";
  /** Of what the figure is. */
  readonly source: string;
}

/** Seconds for one of each. */
export type Costs = Readonly<Record<CostName, number>>;

/** The prices there are, as they stand unless others are given. */
export const prices: Readonly<Record<CostName, Price>> = {
  scan: {
    seconds: 8e-9,
    each: "present page whose entry is looked at",
    basis: "measured",
    source: "PAGEMAP_SCAN of 51,200 pages in 0.4 ms",
  },
  check: { seconds: 2.3e-6, each: "page read to be judged and not saved", basis: "measured", source: "SHA-256 at 1.8 GB/s" },
  copy: { seconds: 250e-9, each: "page copied", basis: "measured", source: "memcpy at 16 GB/s" },
  fork: {
    seconds: 50e-9,
    each: "present page whose entry fork copies",
    basis: "assumed",
    source: "an entry copied and its frame counted: 20 million a second",
  },
  write: { seconds: 1e-9, each: "byte written", basis: "assumed", source: "a disk that takes 1 GB/s" },
  sync: { seconds: 100e-6, each: "fsync", basis: "assumed", source: "an SSD whose cache outlives power" },
  flush: {
    seconds: 500e-9,
    each: "flush of a TLB",
    basis: "assumed",
    source: "INVLPG or a write to CR3, and the misses after it",
  },
  shootdown: {
    seconds: 2e-6,
    each: "interrupt that makes another processor flush",
    basis: "assumed",
    source: "an interrupt and its answer",
  },
  fault: { seconds: 1.1e-6, each: "page fault", basis: "measured", source: "a first store to a write-protected page" },
  open: { seconds: 10e-6, each: "file opened to restore", basis: "assumed", source: "a name that is in the cache" },
  read: { seconds: 0.4e-9, each: "byte read to restore", basis: "assumed", source: "files read at 2.5 GB/s" },
  store: {
    seconds: 2e-9,
    each: "store of the program, with all it does in between",
    basis: "measured",
    source: "SQLite: 9.5 million stores in 11 to 27 ms",
  },
};

/** The prices alone. */
export const usualCosts: Costs = {
  scan: prices.scan.seconds,
  check: prices.check.seconds,
  copy: prices.copy.seconds,
  fork: prices.fork.seconds,
  write: prices.write.seconds,
  sync: prices.sync.seconds,
  flush: prices.flush.seconds,
  shootdown: prices.shootdown.seconds,
  fault: prices.fault.seconds,
  open: prices.open.seconds,
  read: prices.read.seconds,
  store: prices.store.seconds,
};

/** What happened while the program stood still. */
export interface PauseWork {
  /** Present pages whose entries were looked at. */
  readonly scanned: number;
  /** Pages whose bytes were read and not saved: hashed, compared, or found to be zeros. */
  readonly checked: number;
  readonly copied: number;
  /** Present pages of processes that were forked. */
  readonly forked: number;
  readonly bytesWritten: number;
  readonly syncs: number;
  readonly flushes: number;
  readonly shootdowns: number;
  readonly faults: number;
}

/** Seconds that a program stands still for a checkpoint. */
export function pauseSeconds(work: PauseWork, costs: Costs): number {
  return (
    work.scanned * costs.scan +
    work.checked * costs.check +
    work.copied * costs.copy +
    work.forked * costs.fork +
    work.bytesWritten * costs.write +
    work.syncs * costs.sync +
    disturbanceSeconds(work, costs)
  );
}

/** What a tracker does to a program while it runs, and to one that stands still. */
export type Disturbance = Pick<PauseWork, "flushes" | "shootdowns" | "faults">;

/** Seconds that faults and flushes take. */
export function disturbanceSeconds({ flushes, shootdowns, faults }: Disturbance, costs: Costs): number {
  return flushes * costs.flush + shootdowns * costs.shootdown + faults * costs.fault;
}

/** What a restore reads. */
export interface RestoreWork {
  /** Files opened. */
  readonly files: number;
  readonly bytes: number;
  /** Pages put in their places, those among them that later images put others over. */
  readonly pages: number;
}

/** Seconds that a restore takes. */
export function restoreSeconds({ files, bytes, pages }: RestoreWork, costs: Costs): number {
  return files * costs.open + bytes * costs.read + pages * costs.copy;
}
