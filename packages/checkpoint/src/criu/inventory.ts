// inventory.img: which version of the format a directory is in.

import { BadImage } from "../bad-image.ts";
import { message, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeOne, encodeAll } from "./record-file.ts";
import { uint32 } from "./scalars.ts";

/** `inventory_entry`, as far as it says how to read the rest. */
export interface Inventory {
  /** `img_version`: 2, CRIU's CRTOOLS_IMAGES_V1_1. */
  readonly version: number;
}

const inventoryEntry: MessageType<Inventory> = message("inventory_entry", { version: required(1, uint32) });

/** The version of all that is written here. */
export const imageVersion = 2;

/** The file. Of namespaces and control groups, which it also has when CRIU writes it, nothing is said. */
export function encodeInventory(inventory: Inventory): Uint8Array {
  return encodeAll("inventory", inventoryEntry, [inventory]);
}

/** Reads the file. Throws `BadImage`, also for another version than 2. */
export function decodeInventory(file: string, bytes: Uint8Array): Inventory {
  const inventory = decodeOne("inventory", inventoryEntry, file, bytes);
  if (inventory.version === imageVersion) return inventory;
  throw new BadImage(file, 8, `image version ${imageVersion}`, `${inventory.version}`);
}
