// `pagelapse restore`: the memory of an image brought back into files.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { leaveSignalsAlone } from "../early-end.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { believed, openImageFolder, openNewest } from "../image-folder.ts";
import { printable, toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { formatBytes, formatNumberOf } from "../quantity.ts";
import { refusal, systemRefusal } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { putCore } from "./put-core.ts";
import { putRaw } from "./put-raw.ts";
import type { PutFile } from "./put-raw.ts";

/** The command's flags. */
export interface RestoreFlags {
  readonly to: "raw" | "core";
  readonly out: string;
  readonly json?: true;
}

/** The files of a process are its own; an index is written when its raw file is whole. */
export async function restore(path: string, flags: RestoreFlags): Promise<ExitCode> {
  leaveSignalsAlone();
  const folder = openImageFolder(path);
  const chain = openNewest(folder);
  makeEmpty(flags.out);
  const put = { raw: putRaw, core: putCore }[flags.to];
  const progress = startProgress();
  const files: PutFile[] = [];
  try {
    chain.image.processes.forEach((process, index) => {
      const told = (share: number, pages: number): void =>
        progress.show((index + share) / chain.image.processes.length, pages, "pages");
      files.push(
        ...believed(folder, () => writing(flags.out, () => put(chain, index, join(flags.out, `process-${process.pid}`), told))),
      );
    });
  } finally {
    progress.clear();
  }
  const image = chain.stored.path;
  const facts = { image, moment: chain.image.moment, files: files.map((file) => ({ ...file })) };
  const lines = files.map(({ name, pages, bytes }) => {
    const held = pages === 0 ? "" : `${formatNumberOf(pages, "page")}, `;
    return `${printable(join(flags.out, name))}: ${held}${formatBytes(bytes)}\n`;
  });
  await print(flags.json === true ? `${toJsonText(facts)}\n` : lines.join(""));
  return exitCodes.done;
}

function makeEmpty(path: string): void {
  const names = writing(path, () => {
    mkdirSync(path, { recursive: true });
    return readdirSync(path);
  });
  if (names.length > 0) throw refusal(path, "a new or an empty folder", `${names[0]} in it`);
}

function writing<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    throw systemRefusal(path, "a folder to write to", reason) ?? reason;
  }
}
