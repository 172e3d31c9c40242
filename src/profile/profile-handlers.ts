/** The jobs that a measuring child can run. */
import { type JobHandler, jobHandler } from '../runtime/child/serve.js';
import type { OpenRuntime } from '../runtime/open-runtime.js';
import { profileJob, profileWork } from './candidate/profile-work.js';
import { partsJob, partsWork } from './part-times/parts-work.js';
import { probeJob } from './probe.js';
import { probeWork } from './probe-work.js';
import { sessionJob, sessionWork } from './session/session-work.js';

export const profileHandlers = (open: OpenRuntime): readonly JobHandler[] => [
  jobHandler(profileJob, profileWork(open)),
  jobHandler(partsJob, partsWork(open)),
  jobHandler(sessionJob, sessionWork(open)),
  jobHandler(probeJob, probeWork(open)),
];
