// The file that a chart is drawn in.

import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemRefusal } from "../../refusal.ts";
import type { ComparisonResult } from "../result.ts";
import { drawChart } from "./size-chart.ts";
import { htmlPage } from "./html-page.ts";

/** A file to draw in, later. */
export interface ChartFile {
  draw(result: ComparisonResult): void;
}

/** Makes sure early that its folder can be written to: a comparison takes its time. Throws a `Refusal` where it cannot. */
export function openChart(path: string): ChartFile {
  refusing(path, () => accessSync(dirname(path), constants.W_OK));
  return {
    draw(result) {
      const svg = drawChart(result);
      const isPage = /\.html$/i.test(path);
      refusing(path, () => writeFileSync(path, isPage ? htmlPage(result, svg) : `${svg}\n`));
    },
  };
}

function refusing(path: string, act: () => void): void {
  try {
    act();
  } catch (reason) {
    throw systemRefusal(path, "a file that a chart can be written to", reason) ?? reason;
  }
}
