// The inodes of a disk that were looked up: our number for each, and where it was last seen.

import type { InodeNumber } from "../file-system.ts";
import type { HostName } from "./host-directory.ts";

/** An inode of the host. */
export interface DiskInode extends HostName {
  readonly number: InodeNumber;
  /** The directory that it was last seen in, under `name`; of the root, itself. */
  parent: InodeNumber;
  name: string;
  /** Descriptors that have it open. */
  readonly descriptors: Set<number>;
  /** A directory that lost its name through us. */
  removed: boolean;
}

/** Numbers for the host's inodes, which need not fit a number. An inode keeps its number while it has a name or is open. */
export class InodeTable {
  readonly #byNumber: Map<InodeNumber, DiskInode> = new Map();
  readonly #byIdentity: Map<string, DiskInode> = new Map();
  #last = 0;

  get(number: InodeNumber): DiskInode | undefined {
    return this.#byNumber.get(number);
  }

  /** Notes where an inode is, under its old number or a new one. A parent of undefined makes it its own: the root. */
  see(identity: string, parent: InodeNumber | undefined, name: string): DiskInode {
    const known = this.#byIdentity.get(identity);
    if (known !== undefined) {
      if (known.parent !== known.number) Object.assign(known, { parent: parent ?? known.parent, name });
      known.removed = false;
      return known;
    }
    const number = ++this.#last;
    const inode: DiskInode = { number, identity, parent: parent ?? number, name, descriptors: new Set(), removed: false };
    this.#byNumber.set(number, inode);
    this.#byIdentity.set(identity, inode);
    return inode;
  }

  /** An inode lost its last name: it is forgotten now, or when the last descriptor closes. */
  loseName(identity: string): void {
    const inode = this.#byIdentity.get(identity);
    if (inode === undefined) return;
    inode.removed = true;
    this.forgetUnused(inode);
  }

  /** Forgets an inode that is removed and not open. */
  forgetUnused(inode: DiskInode): void {
    if (!inode.removed || inode.descriptors.size > 0) return;
    this.#byNumber.delete(inode.number);
    this.#byIdentity.delete(inode.identity);
  }

  /** The names from the root to a directory, or undefined if one of them is forgotten. */
  wayTo(directory: DiskInode): readonly HostName[] | undefined {
    const way: HostName[] = [directory];
    for (let at = directory; at.parent !== at.number;) {
      const parent = this.#byNumber.get(at.parent);
      if (parent === undefined || way.length > depthLimit) return undefined;
      way.unshift(parent);
      at = parent;
    }
    return way;
  }
}

/** Deeper than a path can name. It ends the walk if others moved directories so that what we know of them is a circle. */
const depthLimit = 4096;
