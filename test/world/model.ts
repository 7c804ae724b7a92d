// A process's memory as anybody would write it down: a map of pages, without tables, frames, areas or a TLB.

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
  /** Memory that nothing else maps, until it is moved about. */
  | { readonly kind: "shared-anonymous" };

interface ModelPage extends ModelPermission {
  /** The page that others may see too; `undefined` for private anonymous memory. */
  readonly backing: Uint8Array | undefined;
  readonly sharing: "private" | "shared";
  /** What this mapping alone holds, once it was stored to. */
  own: Uint8Array | undefined;
}

/** Bytes of the file `name` before anybody stores to it: page i holds this, and i. */
const fills = { private: 0xa0, shared: 0xb0 } as const;
export const filePages = 3;

function fileOf(name: keyof typeof fills): readonly Uint8Array[] {
  return Array.from({ length: filePages }, (_, index) => new Uint8Array(pageBytes).fill(fills[name] + index));
}

/** Pages by number, counted from the window's first. */
export class Model {
  readonly #pages: Map<number, ModelPage>;
  /** The bytes of both files when this machine began, and now. */
  readonly filesBefore: Model["files"];
  readonly files: { readonly private: readonly Uint8Array[]; readonly shared: readonly Uint8Array[] };

  constructor(from?: Model) {
    // One call, so that pages that are shared stay shared in the copy.
    const parts = {
      pages: from?.pages ?? new Map<number, ModelPage>(),
      files: from?.files ?? { private: fileOf("private"), shared: fileOf("shared") },
    };
    const copy = structuredClone(parts);
    this.#pages = new Map(copy.pages);
    this.files = copy.files;
    this.filesBefore = structuredClone(copy.files);
  }

  get pages(): ReadonlyMap<number, Readonly<ModelPage>> {
    return this.#pages;
  }

  /** What a load finds. */
  bytesOf(page: number): Uint8Array | undefined {
    const known = this.#pages.get(page);
    return known === undefined ? undefined : (known.own ?? known.backing ?? new Uint8Array(pageBytes));
  }

  map(page: number, count: number, permission: ModelPermission, origin: Origin): void {
    for (let i = 0; i < count; i++) {
      const sharing = origin.kind === "anonymous" || origin.kind === "file" ? "private" : "shared";
      this.#pages.set(page + i, { ...permission, sharing, backing: this.#backing(origin, i), own: undefined });
    }
  }

  unmap(page: number, count: number): void {
    for (let i = 0; i < count; i++) this.#pages.delete(page + i);
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
    for (let i = 0; i < count; i++) {
      const known = this.#pages.get(page + i);
      if (known !== undefined) known.own = undefined;
    }
  }

  /** Each page that is mapped takes the place of the one that is at its target; a hole moves nothing. */
  move(page: number, count: number, to: number): void {
    for (let i = 0; i < count; i++) {
      const known = this.#pages.get(page + i);
      if (known === undefined) continue;
      this.#pages.delete(page + i);
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
      if (page.sharing === "private") page.own ??= page.backing?.slice() ?? new Uint8Array(pageBytes);
      const target = page.sharing === "private" ? page.own : page.backing;
      if (target !== undefined) target[(offset + i) & (pageBytes - 1)] = byte;
    });
  }

  #backing(origin: Origin, i: number): Uint8Array | undefined {
    if (origin.kind === "anonymous") return undefined;
    if (origin.kind === "shared-anonymous") return new Uint8Array(pageBytes);
    return this.files[origin.kind === "file" ? "private" : "shared"][origin.index + i];
  }
}
