// Processes' memory as anybody would write it down: maps of pages, copied at fork, without tables, frames, areas or a TLB.

export const pageBytes = 4096;

/** What a mapping may be used for; x86 reads whatever it may write or execute. */
export interface ModelPermission {
  readonly read: boolean;
  readonly write: boolean;
}

/** Where the bytes of a mapping come from. */
export type Origin =
  | { readonly kind: "anonymous" }
  /** Privately, pages of the file `private` from `index` on. */
  | { readonly kind: "file"; readonly index: number }
  /** Pages of the file `shared`, which others see when they are stored to. */
  | { readonly kind: "shared-file"; readonly index: number }
  /** Memory that nothing else maps, until it is moved about or inherited. */
  | { readonly kind: "shared-anonymous" };

/** What a child finds in a page's place; what it does not get, it does not get as zeros either. */
export type OnFork = "copy" | "nothing" | "zeros";

interface ModelPage extends ModelPermission {
  /** The page that others may see too; `undefined` for private anonymous memory. */
  readonly backing: Uint8Array | undefined;
  readonly sharing: "private" | "shared";
  readonly onFork: OnFork;
  /** What this mapping alone holds, once it was stored to. */
  own: Uint8Array | undefined;
  /** Stored to through this mapping. */
  written: boolean;
  /** MADV_FREE: it may become zeros at any moment, until it is stored to. */
  mayVanish: boolean;
  /** Between a fork and the first store of either side. */
  twin: { readonly role: "parent" | "child"; readonly both: { stored: boolean } } | undefined;
}

interface Process {
  /** The living process that forked it; 0 when there is none. */
  parent: number;
  readonly pages: Map<number, ModelPage>;
  /** Pages that were unmapped. */
  readonly freed: Set<number>;
}

/** Bytes of the file `name` before anybody stores to it: page i begins with this and i, and then there are zeros. */
const fills = { private: 0xa0, shared: 0xb0 } as const;
export const filePages = 3;

function fileOf(name: keyof typeof fills): readonly Uint8Array[] {
  return Array.from({ length: filePages }, (_, index) => {
    const page = new Uint8Array(pageBytes);
    page[0] = fills[name] + index;
    return page;
  });
}

/** What can be asked of memory, page by page, counted from the window's first; always of the process `pid`. */
export class Model {
  pid: number;
  readonly #processes: Map<number, Process> = new Map();
  readonly #pins: Map<string, Uint8Array> = new Map();
  /** The bytes of both files, as programs find them, and as they were when they were last written back. */
  readonly files: { readonly private: readonly Uint8Array[]; readonly shared: readonly Uint8Array[] };
  readonly disk: Model["files"];

  /** One process; with another model, the process tree that comes from that one's. */
  constructor(pid: number, from?: Model) {
    this.pid = pid;
    const copy = new Copies();
    const files = from?.files ?? { private: fileOf("private"), shared: fileOf("shared") };
    this.files = { private: files.private.map(copy.of), shared: files.shared.map(copy.of) };
    this.disk = { private: files.private.map((bytes) => bytes.slice()), shared: files.shared.map((bytes) => bytes.slice()) };
    const tree = from?.treeOf(pid) ?? [pid];
    for (const each of tree) {
      const known = from === undefined ? undefined : from.#processes.get(each);
      const pages = [...(known?.pages ?? [])].map(([page, held]) => [page, copyOf(held, copy)] as const);
      const parent = each === pid ? 0 : (known?.parent ?? 0);
      this.#processes.set(each, { parent, pages: new Map(pages), freed: new Set() });
    }
  }

  get pids(): readonly number[] {
    return [...this.#processes.keys()];
  }
  /** A process and those that come from it, each after its parent. */
  treeOf(root: number): readonly number[] {
    const tree = new Set([root]);
    for (const [pid, { parent }] of this.#processes) if (tree.has(parent)) tree.add(pid);
    return [...tree];
  }
  /** The pid of the process that forked the one that we speak of; 0 once that has ended. */
  get parentPid(): number {
    return this.#process.parent;
  }
  get pages(): ReadonlyMap<number, Readonly<ModelPage>> {
    return this.#pages;
  }
  get freed(): ReadonlySet<number> {
    return this.#process.freed;
  }
  get #process(): Process {
    const process = this.#processes.get(this.pid);
    if (process === undefined) throw new Error(`no process ${this.pid}`);
    return process;
  }
  get #pages(): Map<number, ModelPage> {
    return this.#process.pages;
  }

  /** What a load finds. */
  bytesOf(page: number): Uint8Array | undefined {
    const known = this.#pages.get(page);
    return known === undefined ? undefined : (known.own ?? known.backing ?? new Uint8Array(pageBytes));
  }

  map(page: number, count: number, permission: ModelPermission, origin: Origin): void {
    for (let i = 0; i < count; i++) {
      const sharing = origin.kind === "anonymous" || origin.kind === "file" ? "private" : "shared";
      const fresh = { onFork: "copy", own: undefined, written: false, mayVanish: false, twin: undefined } as const;
      this.#pages.set(page + i, { ...permission, sharing, backing: this.#backing(origin, i), ...fresh });
    }
  }

  unmap(page: number, count: number): void {
    for (let i = page; i < page + count; i++) if (this.#pages.delete(i)) this.#process.freed.add(i);
  }

  /** Up to the first hole, as Linux. */
  protect(page: number, count: number, permission: ModelPermission): void {
    for (let i = 0; i < count; i++) {
      const known = this.#pages.get(page + i);
      if (known === undefined) return;
      this.#pages.set(page + i, { ...known, ...permission });
    }
  }

  discard(page: number, count: number): void {
    for (const known of this.#in(page, count)) Object.assign(known, { own: undefined, written: false, mayVanish: false });
  }

  /** Takes advice up to the first page that refuses it, holes passed over. */
  advise(page: number, count: number, advice: "free" | OnFork): "all" | "not all" {
    for (let i = page; i < page + count; i++) {
      const known = this.#pages.get(i);
      if (known === undefined) continue;
      const isAnonymous = known.sharing === "private" && known.backing === undefined;
      if (advice === "free" ? !isAnonymous : advice === "zeros" && !isAnonymous) return "not all";
      if (advice === "free") known.mayVanish = known.own !== undefined;
      else if (known.onFork !== "nothing") this.#pages.set(i, { ...known, onFork: advice });
    }
    return this.#in(page, count).length === count ? "all" : "not all";
  }

  /** A page that may vanish has. */
  vanish(page: number): void {
    this.discard(page, 1);
  }

  /** Each page that is mapped takes the place of the one that is at its target; a hole moves nothing. */
  move(page: number, count: number, to: number): void {
    for (let i = 0; i < count; i++) {
      const known = this.#pages.get(page + i);
      if (known === undefined) continue;
      this.unmap(page + i, 1);
      this.#pages.set(to + i, known);
    }
  }

  /** Whether every byte may be accessed so. */
  allows(offset: number, byteCount: number, access: "read" | "write"): boolean {
    for (let page = Math.floor(offset / pageBytes); page * pageBytes < offset + byteCount; page++) {
      if (this.#pages.get(page)?.[access] !== true) return false;
    }
    return true;
  }

  /** Stores where `allows` allowed it. */
  store(offset: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      const page = this.#pages.get(Math.floor((offset + i) / pageBytes));
      if (page === undefined) throw new Error("a store to nowhere");
      page.written = true;
      page.mayVanish = false;
      if (page.twin !== undefined) page.twin.both.stored = true;
      this.#target(page)[(offset + i) & (pageBytes - 1)] = byte;
    });
  }

  /** A child, and whom we go on to speak of is still the parent. */
  fork(pid: number): void {
    const pages = new Map<number, ModelPage>();
    for (const [page, known] of this.#pages) {
      if (known.onFork === "nothing") continue;
      const both = { stored: false };
      if (known.onFork === "zeros") {
        pages.set(page, { ...known, own: undefined, written: false, mayVanish: false, twin: undefined });
        continue;
      }
      pages.set(page, { ...known, own: known.own?.slice(), twin: { role: "child", both } });
      this.#pages.set(page, { ...known, twin: { role: "parent", both } });
    }
    this.#processes.set(pid, { parent: this.pid, pages, freed: new Set(this.#process.freed) });
  }

  /** The process ends; from now on we speak of another. */
  exit(next: number): void {
    this.#processes.delete(this.pid);
    for (const process of this.#processes.values()) if (process.parent === this.pid) process.parent = 0;
    this.pid = next;
  }

  /** Whether another process has what is behind a page, too. */
  isOthers(page: number): boolean {
    const backing = this.#pages.get(page)?.backing;
    if (backing === undefined) return false;
    return [...this.#processes].some(
      ([pid, { pages }]) => pid !== this.pid && [...pages.values()].some((other) => other.backing === backing),
    );
  }

  get pins(): ReadonlySet<string> {
    return new Set(this.#pins.keys());
  }

  /** A device may write to what a store to the page would write to, whatever becomes of the page. */
  pin(name: string, page: number): void {
    const known = this.#pages.get(page);
    if (known === undefined) throw new Error("a pin of nothing");
    this.#pins.set(name, this.#target(known));
  }

  unpin(name: string): void {
    this.#pins.delete(name);
  }

  deviceStore(name: string, offset: number, bytes: Uint8Array): "seen" | "unseen" {
    const target = this.#pins.get(name);
    target?.set(bytes, offset);
    const pages = [...this.#processes.values()].flatMap((process) => [...process.pages.values()]);
    const seen = pages.filter((page) => target !== undefined && (page.own ?? page.backing) === target);
    for (const page of seen) page.mayVanish = false;
    return seen.length > 0 ? "seen" : "unseen";
  }

  /** What programs stored to shared pages of a range, or to all of the file, has come to the file. */
  writeBack(page: number = 0, count: number = Infinity): void {
    this.files.shared.forEach((bytes, index) => {
      const isMeant = count === Infinity || this.#in(page, count).some(({ backing }) => backing === bytes);
      if (isMeant) this.disk.shared[index].set(bytes);
    });
  }

  /** What the page would hold had nobody stored to what it maps since that was last written back. */
  untouchedBytesOf(page: number): Uint8Array {
    const backing = this.#pages.get(page)?.backing;
    for (const name of ["private", "shared"] as const) {
      const index = this.files[name].findIndex((bytes) => bytes === backing);
      if (index >= 0) return this.disk[name][index];
    }
    return new Uint8Array(pageBytes);
  }

  /** The pages of a range that are mapped. */
  #in(page: number, count: number): readonly ModelPage[] {
    return [...this.#pages].filter(([at]) => at >= page && at < page + count).map(([, known]) => known);
  }

  /** The bytes that a store to the page changes. */
  #target(page: ModelPage): Uint8Array {
    if (page.sharing === "private") return (page.own ??= page.backing?.slice() ?? new Uint8Array(pageBytes));
    if (page.backing === undefined) throw new Error("shared memory that is nobody's");
    return page.backing;
  }

  #backing(origin: Origin, i: number): Uint8Array | undefined {
    if (origin.kind === "anonymous") return undefined;
    if (origin.kind === "shared-anonymous") return new Uint8Array(pageBytes);
    return this.files[origin.kind === "file" ? "private" : "shared"][origin.index + i];
  }
}

/** Copies of pages: what is shared stays shared. */
class Copies {
  readonly #made: Map<Uint8Array, Uint8Array> = new Map();

  readonly of = (bytes: Uint8Array): Uint8Array => {
    const copy = this.#made.get(bytes) ?? bytes.slice();
    this.#made.set(bytes, copy);
    return copy;
  };
}

function copyOf(page: ModelPage, copy: Copies): ModelPage {
  const { backing, own, twin } = page;
  return {
    ...page,
    backing: backing === undefined ? undefined : copy.of(backing),
    own: own?.slice(),
    twin: twin === undefined ? undefined : { role: twin.role, both: { ...twin.both } },
  };
}
