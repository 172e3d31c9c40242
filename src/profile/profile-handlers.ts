/** The jobs that a measuring child can run. */
import { type JobHandler, jobHandler } from '../runtime/child/serve.js';
import type { OpenRuntime } from '../runtime/open-runtime.js';
import { profileJob } from './candidate/profile-job.js';
import { profileWork } from './candidate/profile-work.js';
import { partsJob } from './part-times/parts-job.js';
import { partsWork } from './part-times/parts-work.js';
import { probeJob } from './probe.js';
import { probeWork } from './probe-work.js';
import { sessionJob } from './session/session-job.js';
import { sessionWork } from './session/session-work.js';
import { verifyJob } from './verify/verify-job.js';
import { verifyWork } from './verify/verify-work.js';

export const profileHandlers = (open: OpenRuntime): readonly JobHandler[] => [
  jobHandler(profileJob, profileWork(open)),
  jobHandler(partsJob, partsWork(open)),
  jobHandler(sessionJob, sessionWork(open)),
  jobHandler(probeJob, probeWork(open)),
  jobHandler(verifyJob, verifyWork(open)),
];
