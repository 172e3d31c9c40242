/** Every benchmark by the name that `npm run bench -- NAME` takes. */
import type { Bench } from './bench.js';
import { compiledBench } from './compiled.js';
import { pytorchBench } from './pytorch.js';
import { spaceBench } from './space.js';
import { soakBench } from './soak.js';

export const benches = {
  compiled: compiledBench,
  pytorch: pytorchBench,
  space: spaceBench,
  soak: soakBench,
} as const satisfies Record<string, Bench>;
