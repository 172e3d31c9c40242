/** Every benchmark by the name that `npm run bench -- NAME` takes. */
import type { Bench } from './bench.js';
import { compiledBench } from './compiled.js';
import { faultsBench } from './faults.js';
import { gradesBench } from './grades.js';
import { loopBench } from './loop.js';
import { orderBench } from './order.js';
import { precisionBench } from './precision.js';
import { pytorchBench } from './pytorch.js';
import { rankBench } from './rank.js';
import { sideBySideBench } from './side-by-side.js';
import { soakBench } from './soak.js';
import { spaceBench } from './space.js';
import { verdictsBench } from './verdicts.js';

export const benches = {
  compiled: compiledBench,
  pytorch: pytorchBench,
  precision: precisionBench,
  space: spaceBench,
  soak: soakBench,
  loop: loopBench,
  'side-by-side': sideBySideBench,
  order: orderBench,
  grades: gradesBench,
  verdicts: verdictsBench,
  rank: rankBench,
  faults: faultsBench,
} as const satisfies Record<string, Bench>;
