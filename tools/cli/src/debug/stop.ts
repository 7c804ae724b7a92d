// What continuing stops at: watchpoints, which are about memory, and breakpoints, which are about events.

import type { KindName } from "@pagelapse/events";
import type { Condition } from "./condition.ts";

/** Bytes of a task's memory, or of physical memory. */
export type WatchedPlace =
  | { readonly space: "virtual"; readonly task: number; readonly address: number; readonly byteCount: number }
  | { readonly space: "physical"; readonly address: number; readonly byteCount: number };

/** `change`: writes that change the value. `load`: loads. `access`: loads and all writes. */
export type WatchedAccess = "change" | "load" | "access";

/** A watchpoint. */
export interface Watchpoint {
  readonly kind: "watch";
  readonly number: number;
  /** As it was given. */
  readonly text: string;
  readonly place: WatchedPlace;
  readonly access: WatchedAccess;
  readonly condition: Condition | undefined;
  hits: number;
}

/** A breakpoint: events of these kinds, made by this instruction, meeting these virtual addresses; `undefined` stands for any. */
export interface Breakpoint {
  readonly kind: "break";
  readonly number: number;
  readonly text: string;
  readonly kinds: readonly KindName[] | undefined;
  readonly site: number | undefined;
  readonly range: { readonly start: number; readonly end: number } | undefined;
  readonly condition: Condition | undefined;
  hits: number;
}

/** One or the other. */
export type Stop = Watchpoint | Breakpoint;
