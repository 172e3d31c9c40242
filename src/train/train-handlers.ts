/** The jobs that a training child can run. */
import { type JobHandler, jobHandler } from '../runtime/child/serve.js';
import type { OpenRuntime } from '../runtime/open-runtime.js';
import { evaluateJob } from './evaluate/evaluate-job.js';
import { evaluateWork } from './evaluate/evaluate-work.js';
import { savedModelJob } from './saved-model/saved-model-job.js';
import { savedModelWork } from './saved-model/saved-model-work.js';
import { inheritJob } from './supernet/inherit-job.js';
import { inheritWork } from './supernet/inherit-work.js';
import { trainJob } from './train-job.js';
import { trainWork } from './train-work.js';
import { zeroCostJob } from './zero-cost/zero-cost-job.js';
import { zeroCostWork } from './zero-cost/zero-cost-work.js';

export const trainHandlers = (open: OpenRuntime): readonly JobHandler[] => [
  jobHandler(trainJob, trainWork(open)),
  jobHandler(evaluateJob, evaluateWork(open)),
  jobHandler(zeroCostJob, zeroCostWork(open)),
  jobHandler(inheritJob, inheritWork(open)),
  jobHandler(savedModelJob, savedModelWork(open)),
];
