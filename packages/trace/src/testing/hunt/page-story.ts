// What happened to one page of a process in a scenario, statement by statement, taken from the events of the machine.

import type { Strategy } from "@pagelapse/checkpoint";
import { EventLog, kindOf } from "@pagelapse/events";
import type { EventBatch, KindName } from "@pagelapse/events";
import { Fold } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import { machineOptions, nothingSaid } from "../../scenario/machine-word.ts";
import { playScenario } from "../../scenario/run-scenario.ts";
import type { PlayedScenario } from "../../scenario/run-scenario.ts";
import type { Scenario, Statement } from "../../scenario/scenario.ts";
import { pageStateOf } from "./page-state.ts";
import type { PageState } from "./page-state.ts";

/** One event, as much of it as a story needs. `task`: an index. */
export interface StoryEvent {
  readonly kind: KindName;
  readonly task: number;
  readonly vaddr: number;
  readonly frame: number;
  readonly detail: object | undefined;
}

/** A statement, and what the machine of the strategy made of it. */
export interface Scene {
  readonly statement: Statement;
  readonly before: PageState;
  readonly after: PageState;
  readonly events: readonly StoryEvent[];
  /** Whether something was stored to the page of a file, or of shared memory, that this page shows, wherever that is mapped. */
  readonly isStoredElsewhere: boolean;
  /** Tasks at the beginning of it that processors run, by index. */
  readonly running: readonly number[];
}

/** The page of which a story is told: of the task of that index. */
export interface Subject {
  readonly task: number;
  readonly vaddr: number;
}

/** Plays a scenario with a strategy, and keeps what there is to tell of a page. */
export function tellStory(
  scenario: Scenario,
  strategy: Strategy,
  subject: Subject,
): { readonly scenes: readonly Scene[]; readonly played: PlayedScenario } {
  const setup = scenario.lines.find(({ statement }) => statement?.verb === "machine")?.statement;
  const options = machineOptions(setup?.verb === "machine" ? setup.setup : nothingSaid);
  const { architecture, frameCount = 0, swapFrames = 0 } = options;
  if (architecture === undefined) throw new Error("a machine of no architecture");
  const fold = new Fold(architecture, frameCount + swapFrames);
  const log = new EventLog();
  let events: StoryEvent[] = [];
  log.listen((batch) => {
    fold.add(batch);
    for (let row = 0; row < batch.count; row++) events.push(eventAt(batch, row));
  });
  const stateOf = (of: Subject): PageState => {
    const task = fold.state.tasks[of.task];
    return task === undefined || task.state === "dead" ? nowhere : pageStateOf(fold.ram, architecture, task, of.vaddr);
  };
  const isSamePage = (event: StoryEvent, page: PageState): boolean =>
    (event.kind === "store" || event.kind === "kernel-store") &&
    (event.task !== subject.task || event.vaddr - (event.vaddr & (frameBytes - 1)) !== subject.vaddr) &&
    page.shown !== undefined &&
    stateOf(event).shown === page.shown;
  const scenes: Scene[] = [];
  let open: Pick<Scene, "statement" | "before" | "running"> | undefined;
  const close = (): void => {
    if (open !== undefined) {
      const after = stateOf(subject);
      scenes.push({ ...open, after, events, isStoredElsewhere: events.some((event) => isSamePage(event, after)) });
    }
    events = [];
  };
  const played = playScenario(scenario, {
    strategies: [strategy],
    machine: (of) => (of === undefined ? {} : { log }),
    hear: (statement) => {
      close();
      open = { statement, before: stateOf(subject), running: fold.state.running };
    },
  });
  close();
  return { scenes, played };
}

const nowhere: PageState = { kind: "unmapped", frame: -1, isDirty: false, isSoftDirty: false, shown: undefined };

function eventAt(batch: EventBatch, row: number): StoryEvent {
  return {
    kind: kindOf(batch.kind[row]),
    task: batch.task[row],
    vaddr: batch.vaddr[row],
    frame: Math.floor(batch.paddr[row] / frameBytes),
    detail: batch.details.get(row),
  };
}
