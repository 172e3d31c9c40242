/** Every benchmark by the name that `npm run bench -- NAME` takes. */
import type { Bench } from './benchmark.js';
import { timmBench } from './export/timm.js';
import { firstRunBench } from './networks/first-run.js';
import { kernelsBench } from './networks/kernels.js';
import { memoryBench } from './networks/memory.js';
import { networksBench } from './networks/networks.js';
import { faultsBench } from './profile/fault-isolation.js';
import { loadBench } from './profile/load.js';
import { verdictsBench } from './profile/planted-delay.js';
import { rankBench } from './profile/session-rank.js';
import { sessionsBench } from './profile/simulated-sessions.js';
import { pytorchBench } from './pytorch/pytorch.js';
import { workerCostBench } from './pytorch/worker-cost.js';
import { reportBench } from './report/report.js';
import { compiledBench } from './runtime/compiled-graph.js';
import { precisionBench } from './runtime/precision.js';
import { soakBench } from './runtime/soak.js';
import { durableBench } from './search/durable.js';
import { optunaBench } from './search/optuna.js';
import { searchOverheadBench } from './search/overhead.js';
import { paretoBench } from './search/pareto.js';
import { supernetBench } from './search/supernet.js';
import { spaceBench } from './space/space-algebra.js';
import { rowChecksBench } from './store/row-checks.js';
import { gradesBench } from './train/graded-datasets.js';
import { loopBench } from './train/loop-overhead.js';
import { orderBench } from './train/seed-order.js';
import { sideBySideBench } from './train/side-by-side.js';

export const benches = {
  compiled: compiledBench,
  pytorch: pytorchBench,
  worker: workerCostBench,
  networks: networksBench,
  memory: memoryBench,
  'first-run': firstRunBench,
  kernels: kernelsBench,
  timm: timmBench,
  precision: precisionBench,
  'row-checks': rowChecksBench,
  durable: durableBench,
  optuna: optunaBench,
  pareto: paretoBench,
  'search-overhead': searchOverheadBench,
  supernet: supernetBench,
  report: reportBench,
  space: spaceBench,
  soak: soakBench,
  loop: loopBench,
  'side-by-side': sideBySideBench,
  order: orderBench,
  grades: gradesBench,
  verdicts: verdictsBench,
  sessions: sessionsBench,
  rank: rankBench,
  faults: faultsBench,
  load: loadBench,
} as const satisfies Record<string, Bench>;
