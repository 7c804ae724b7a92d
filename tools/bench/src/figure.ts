// What is measured: each figure with its floor, below which something is broken, and its goal.

/** A figure, and on which side of floor and goal it should be. */
export interface Figure {
  readonly name: string;
  readonly unit: "M stores/s" | "M lines/s" | "MB/s" | "MB" | "ms" | "ns";
  readonly better: "higher" | "lower";
  readonly floor: number | undefined;
  readonly goal: number | undefined;
  readonly measure: Measure;
}

/** How one run of a figure is made; a run is a process, or two in turn, of its own. */
export type Measure =
  /** A stage in a process of its own: a warm-up pass, then passes until there were enough stores or lines. */
  | { readonly kind: "stage"; readonly stage: StageName; readonly trace: TraceName }
  /** `pagelapse replay` of a trace repeated to 20 million stores: its speed from start to end, or its peak memory. */
  | { readonly kind: "command"; readonly trace: TraceName; readonly value: "speed" | "memory" }
  /** An image of 200 MB of pages, no two the same, on tmpfs where there is one: a stage of it, or the memory that all take over its size. */
  | { readonly kind: "image"; readonly stage: ImageStageName }
  /** An increment of 16 of 131,072 resident pages: nanoseconds for each of them. */
  | { readonly kind: "increment"; readonly stage: IncrementStageName }
  /** How much longer a command that does next to nothing takes than Node does. */
  | { readonly kind: "start"; readonly words: readonly string[] };

/** The traces that are replayed. */
export type TraceName = "sqlite" | "mremap" | "lackey";

/** How much of the way a store goes. */
export type StageName = "decoded" | "recorded" | "subscribed";

/** What is done with an image: committed, every page read, every page brought back; or the most memory, beyond the image's size. */
export type ImageStageName = "written" | "verified" | "restored" | "memory";

/** One look at every entry for D; or all that an increment costs. */
export type IncrementStageName = "scanned" | "taken";

const stages: readonly StageName[] = ["decoded", "recorded", "subscribed"];
const floors: Readonly<Record<"sqlite" | "mremap", readonly [floor: number, goal: number]>> = {
  sqlite: [25, 45],
  mremap: [35, 60],
};

/** Every figure, in the order of the table. Floors and goals are for one core of the machine that the project is developed on. */
export const figures: readonly Figure[] = [
  ...(["sqlite", "mremap"] as const).flatMap((trace) =>
    stages.map((stage): Figure => {
      const [floor, goal] = stage === "subscribed" ? floors[trace] : [undefined, undefined];
      return {
        name: `${trace}, ${stage}`,
        unit: "M stores/s",
        better: "higher",
        floor,
        goal,
        measure: { kind: "stage", stage, trace },
      };
    }),
  ),
  {
    name: "lackey text, subscribed",
    unit: "M lines/s",
    better: "higher",
    floor: 25,
    goal: 45,
    measure: { kind: "stage", stage: "subscribed", trace: "lackey" },
  },
  ...(["sqlite", "mremap"] as const).flatMap((trace): readonly Figure[] => [
    {
      name: `${trace}, command from gzip`,
      unit: "M stores/s",
      better: "higher",
      floor: 12,
      goal: 25,
      measure: { kind: "command", trace, value: "speed" },
    },
    {
      name: `${trace}, command's memory`,
      unit: "MB",
      better: "lower",
      floor: 200,
      goal: 100,
      measure: { kind: "command", trace, value: "memory" },
    },
  ]),
  {
    name: "start of info over Node's",
    unit: "ms",
    better: "lower",
    floor: 100,
    goal: 25,
    measure: { kind: "start", words: ["info"] },
  },
  {
    name: "start of replay over Node's",
    unit: "ms",
    better: "lower",
    floor: 100,
    goal: 25,
    measure: { kind: "start", words: ["replay"] },
  },
  ...(["written", "verified", "restored"] as const).map((stage): Figure => ({
    name: `image of 200 MB, ${stage}`,
    unit: "MB/s",
    better: "higher",
    floor: stage === "written" ? 400 : 500,
    goal: 800,
    measure: { kind: "image", stage },
  })),
  {
    name: "image of 200 MB, memory over its size",
    unit: "MB",
    better: "lower",
    floor: 200,
    goal: 100,
    measure: { kind: "image", stage: "memory" },
  },
  {
    name: "increment's scan, an entry",
    unit: "ns",
    better: "lower",
    floor: 10,
    goal: 5,
    measure: { kind: "increment", stage: "scanned" },
  },
  {
    name: "increment of few pages, a resident page",
    unit: "ns",
    better: "lower",
    floor: undefined,
    goal: undefined,
    measure: { kind: "increment", stage: "taken" },
  },
];
