// The codecs by which the command reads compressed pages.

import { wordRuns } from "@pagelapse/checkpoint";
import type { Codec } from "@pagelapse/checkpoint/store";

/** All that images of pagelapse are written with. */
export const imageCodecs: readonly Codec[] = [wordRuns];
