// What a statement did to the page of a story, in a sentence of the field.

import type { PageState } from "./page-state.ts";
import type { Scene, StoryEvent, Subject } from "./page-story.ts";

/** What is known beside the scene. */
export interface CaptionContext {
  readonly subject: Subject;
  /** The page's name. */
  readonly page: string;
  /** The page when the last image was taken that has it; `undefined` before that. */
  readonly saved: PageState | undefined;
}

/** The sentence; `undefined` where nothing happened to the page. */
export function captionOf(scene: Scene, context: CaptionContext): string | undefined {
  const { subject } = context;
  const events = scene.events.filter(({ vaddr, task }) => vaddr - (vaddr & 4095) === subject.vaddr && task === subject.task);
  switch (scene.statement.verb) {
    case "checkpoint":
    case "commit":
      return captionOfCheckpoint(scene, events, context);
    case "w":
    case "kw":
      return captionOfStore(scene, events, context);
    case "dev":
      return isDeviceThere(scene) ? "a device stores there, of which no entry hears" : undefined;
    case "fork":
      if (scene.before.kind === "unmapped" && scene.after.kind !== "unmapped")
        return `the child has ${context.page}${scene.after.kind === "untouched" ? ", without an entry" : ` in frame ${scene.after.frame}`}`;
      return captionOfChange(scene, context);
    default:
      return captionOfChange(scene, context);
  }
}

/** A store: did it set D, and if not, why not. */
function captionOfStore(scene: Scene, events: readonly StoryEvent[], { page }: CaptionContext): string | undefined {
  const { before, after } = scene;
  if (!events.some(isStore)) return scene.isStoredElsewhere ? `stores to what ${page} shows, through another entry` : undefined;
  if (before.kind === "untouched") return `gets frame ${after.frame}, D set`;
  if (before.kind === "swapped") return `swapped in to frame ${after.frame}, D set`;
  if (before.frame !== after.frame) return `copied to frame ${after.frame}, D set`;
  const isHit = !events.some(({ kind }) => kind === "tlb-filled" || kind === "page-faulted");
  if (!after.isDirty) return isHit ? "hits the TLB, where D is cached: D in the entry stays clear" : "D stays clear";
  return before.isDirty ? "D was set already" : "D set";
}

function isStore({ kind }: StoryEvent): boolean {
  return kind === "store" || kind === "kernel-store";
}

function isDeviceThere({ after, events }: Scene): boolean {
  return after.kind === "present" && events.some(({ kind, frame }) => kind === "device-store" && frame === after.frame);
}

/** Whether the image has the page, and what its entry said; then what was taken of its marks. */
function captionOfCheckpoint(scene: Scene, events: readonly StoryEvent[], { page, saved, subject }: CaptionContext): string {
  const { before, after } = scene;
  const isFlushed = scene.events.some(({ kind }) => kind === "tlb-space-flushed" || kind === "tlb-flushed");
  const taken = before.isDirty && !after.isDirty ? `; D cleared, the TLB ${isFlushed ? "flushed" : "not told"}` : "";
  const failed = scene.events.find(({ kind }) => kind === "checkpoint-failed")?.detail;
  if (failed !== undefined) return `fails${"reason" in failed ? `: ${String(failed.reason)}` : ""}${taken}`;
  const isSaved = scene.events.some(({ kind, vaddr }) => kind === "page-saved" && vaddr === subject.vaddr);
  if (isSaved || events.some(({ kind }) => kind === "page-saved")) return `saves ${page}${taken}`;
  return `does not save ${page}: ${entryOf(before)}${besides(before, saved)}${taken}`;
}

function entryOf(page: PageState): string {
  if (page.kind === "present") return `D is ${page.isDirty ? "set" : "clear"}`;
  if (page.kind === "swapped") return "its entry is a swap entry";
  return page.kind === "untouched" ? "it has no entry" : "it is not mapped";
}

function besides(page: PageState, saved: PageState | undefined): string {
  if (page.kind !== "present" || saved?.kind !== "present") return "";
  if (page.frame === saved.frame) return `, in frame ${page.frame} as before`;
  return `, though it is in frame ${page.frame}, no longer in ${saved.frame}`;
}

/** What else became of the page. */
function captionOfChange({ before, after, events }: Scene, { page, saved }: CaptionContext): string | undefined {
  const isSame = before.kind === after.kind && before.frame === after.frame && before.shown === after.shown;
  if (isSame) return before.isDirty && !after.isDirty ? "D cleared" : undefined;
  switch (after.kind) {
    case "unmapped":
      return `${page} is gone`;
    case "untouched":
      if (before.kind !== "unmapped") return `${page} loses its frame`;
      return saved === undefined ? undefined : `another page at ${page}, without an entry`;
    case "swapped":
      if (events.some(({ kind, frame }) => kind === "frame-copied" && frame === after.frame)) return "written to the swap device";
      return "D is clear: the slot's old bytes are believed, and the frame's dropped";
    case "present":
      if (before.kind === "swapped") return `swapped in to frame ${after.frame}`;
      return `${page} is in frame ${after.frame}`;
  }
}
