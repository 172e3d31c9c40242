/** Every benchmark by the name that `npm run bench -- NAME` takes. */
import type { Bench } from './bench.js';
import { compiledBench } from './compiled.js';

export const benches = {
  compiled: compiledBench,
} as const satisfies Record<string, Bench>;
