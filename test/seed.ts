// One seed for every property that names none, so that a run of the tests can be repeated; PAGELAPSE_SEED=N tries another.

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["PAGELAPSE_SEED"] ?? 20_261_125) });
