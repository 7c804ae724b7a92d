// `pagelapse diff`: two images compared.

import { diffChains } from "@pagelapse/checkpoint/store";
import type { Difference } from "@pagelapse/checkpoint/store";
import { leaveSignalsAlone } from "../early-end.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { believed, openImageFolder, openNewest } from "../image-folder.ts";
import { toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { print } from "../standard-output.ts";
import { formatDifferences } from "./format-differences.ts";

/** The command's flags. */
export interface DiffFlags {
  readonly pages: number;
  readonly json?: true;
}

/** Nothing is written, so signals may end it as they end anything. */
export async function diff(before: string, after: string, flags: DiffFlags): Promise<ExitCode> {
  leaveSignalsAlone();
  const [left, right] = [before, after].map((path) => {
    const folder = openImageFolder(path);
    return { folder, chain: openNewest(folder) };
  });
  const differences: Difference[] = [];
  const progress = startProgress();
  try {
    for (const difference of diffChains(left.chain, right.chain)) {
      differences.push(difference);
      progress.show(undefined, differences.length, "differences");
    }
  } catch (reason) {
    // Both sides may have an image of that name: the one whose pages cannot be read is meant.
    believed(left.folder, () => left.chain.visit(nobody));
    believed(right.folder, () => right.chain.visit(nobody));
    throw reason;
  } finally {
    progress.clear();
  }
  await print(
    flags.json === true ? `${toJsonText({ before, after, differences })}\n` : formatDifferences(differences, flags.pages),
  );
  return differences.length === 0 ? exitCodes.done : exitCodes.disproved;
}

const nobody = { data: () => undefined, zero: () => undefined };
