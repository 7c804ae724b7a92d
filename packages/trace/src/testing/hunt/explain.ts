// Why a strategy fails a scenario: which page, which write, and what the machine did with them.

import type { Strategy } from "@pagelapse/checkpoint";
import type { PlaceNames } from "../../scenario/place-names.ts";
import { printStatement } from "../../scenario/print-scenario.ts";
import { playScenario } from "../../scenario/run-scenario.ts";
import type { Line, Scenario } from "../../scenario/scenario.ts";
import type { Finding } from "../../scenario/scenario-trial.ts";
import { captionOf } from "./caption.ts";
import { tellStory } from "./page-story.ts";
import type { Scene } from "./page-story.ts";
import type { ScenarioFailure } from "./scenario-failure.ts";

/** Sentences: a headline, and for each statement of the scenario what it did to the page, where it did anything. */
export interface Explanation {
  readonly headline: string;
  readonly captions: readonly (string | undefined)[];
}

/** Explains what the strategy does wrong in a scenario without comments. */
export function explain(scenario: Scenario, strategy: Strategy, failure: ScenarioFailure): Explanation {
  if (failure.kind === "throws") return { headline: `The strategy throws: ${failure.words}.`, captions: [] };
  const { trials, names } = playScenario(scenario, { strategies: [strategy] });
  const finding = [...trials[0].findings.values()].find((each) => wordsOf(each, names) === failure.words);
  if (finding === undefined) throw new Error(`nothing ${failure.words}`);
  if (finding.kind === "fails") return explainFailed(scenario, strategy, finding.checkpoint);
  const subject = { task: taskOf(scenario, strategy, finding), vaddr: finding.vaddr };
  const page = names.nameOf(finding.vaddr);
  const { scenes } = tellStory(scenario, strategy, subject);
  const end = "checkpoint" in finding ? indexOf(scenes, finding.checkpoint) + 1 : scenes.length;
  const captions = scenes.slice(0, end).map((scene, at) => {
    const saved = scenes.slice(0, at).findLast((each) => isSaved(each, finding.vaddr));
    return captionOf(scene, { subject, page, saved: saved?.after });
  });
  return { headline: headlineOf(finding, page, scenes.slice(0, end)), captions };
}

/** The scenario with these sentences in it: as comments at its top and behind its lines. */
export function withExplanation(scenario: Scenario, { headline, captions }: Explanation): Scenario {
  const lines = scenario.lines.map((line, at): Line => {
    const caption = captions[at];
    return caption === undefined ? line : { ...line, comment: ` ${caption}` };
  });
  return { lines: [{ statement: undefined, comment: ` ${headline}` }, ...lines] };
}

/** The sentences as lines of text. */
export function sentencesOf(scenario: Scenario, { headline, captions }: Explanation): readonly string[] {
  const lines = scenario.lines.flatMap(({ statement }, at) => {
    const caption = captions[at];
    return statement === undefined || caption === undefined ? [] : [`${printStatement(statement)}: ${caption}`];
  });
  return [headline, ...lines];
}

function wordsOf(finding: Finding, names: PlaceNames): string {
  const page = "vaddr" in finding ? ` ${names.nameOf(finding.vaddr)}` : "";
  return `${finding.kind}${page}${"checkpoint" in finding ? ` at ${finding.checkpoint}` : ""}`;
}

function explainFailed(scenario: Scenario, strategy: Strategy, checkpoint: string): Explanation {
  const { scenes } = tellStory(scenario, strategy, { task: 0, vaddr: 0 });
  const { events } = scenes[indexOf(scenes, checkpoint)];
  const detail = events.find(({ kind }) => kind === "checkpoint-failed")?.detail;
  const reason = detail !== undefined && "reason" in detail ? String(detail.reason) : undefined;
  const headline =
    reason === undefined
      ? `${checkpoint} is committed, and cannot be read back.`
      : `${checkpoint} is not taken, though the store does what it is told: ${reason}.`;
  return { headline, captions: [] };
}

/** The process whose page it is: the root of what the checkpoint saved, or another if the root has no such page; who stored there last. */
function taskOf(scenario: Scenario, strategy: Strategy, finding: PageFinding): number {
  const { scenes } = tellStory(scenario, strategy, { task: 0, vaddr: finding.vaddr });
  const end = "checkpoint" in finding ? indexOf(scenes, finding.checkpoint) : scenes.length;
  const stores = scenes
    .slice(0, end)
    .flatMap(({ events }) => events.filter(({ kind }) => kind === "store" || kind === "kernel-store"));
  const last = stores.findLast(({ vaddr }) => vaddr - (vaddr & 4095) === finding.vaddr)?.task;
  return "checkpoint" in finding ? scenes[end].running[0] : (last ?? 0);
}

type PageFinding = Exclude<Finding, { kind: "fails" }>;

function indexOf(scenes: readonly Scene[], checkpoint: string): number {
  return scenes.findIndex(
    ({ statement }) => (statement.verb === "checkpoint" || statement.verb === "commit") && statement.name.text === checkpoint,
  );
}

function isSaved({ events }: Scene, vaddr: number): boolean {
  return (
    events.some((event) => event.kind === "page-saved" && event.vaddr === vaddr) &&
    events.some(({ kind }) => kind === "checkpoint-committed")
  );
}

function headlineOf(finding: PageFinding, page: string, scenes: readonly Scene[]): string {
  const saved = scenes.slice(0, -1).findLastIndex((scene) => isSaved(scene, finding.vaddr));
  const saver = nameOf(scenes[saved]);
  switch (finding.kind) {
    case "corrupts": {
      const write = scenes.findLast((scene) => isStore(scene, finding.vaddr))?.statement;
      const [last] = scenes.slice(-1);
      const lost = write === undefined ? "" : `: ${printStatement(write)} is lost at ${printStatement(last.statement)}`;
      return `The program reads other bytes at ${page} than it would without checkpoints${lost}.`;
    }
    case "resurrects":
      return `${finding.checkpoint} brings back ${page}, which is not mapped: ${saver ?? "an image"} saved it, and nothing says that it went.`;
    case "loses": {
      const write = scenes.slice(saved + 1).findLast((scene) => isStore(scene, finding.vaddr));
      const missing = write === undefined ? "" : `: ${printStatement(write.statement)} is missing`;
      if (isSaved(scenes[scenes.length - 1], finding.vaddr))
        return `${finding.checkpoint} saves ${page}, and does not bring it back${missing}.`;
      const instead = saver === undefined ? "as if nobody had stored to it" : `as ${saver} saved it`;
      return `${finding.checkpoint} brings ${page} back ${instead}${missing}.`;
    }
  }
}

function nameOf(scene: Scene | undefined): string | undefined {
  return scene?.statement.verb === "checkpoint" || scene?.statement.verb === "commit" ? scene.statement.name.text : undefined;
}

function isStore({ events, after, isStoredElsewhere }: Scene, vaddr: number): boolean {
  if (isStoredElsewhere) return true;
  return events.some(
    (event) =>
      (event.kind === "store" || event.kind === "kernel-store" || event.kind === "device-store") &&
      (event.vaddr - (event.vaddr & 4095) === vaddr || (after.kind === "present" && event.frame === after.frame)),
  );
}
