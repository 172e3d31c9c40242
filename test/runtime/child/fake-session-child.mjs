// A session's child on the fake runtime; FAULTS_OF, JSON in the environment, maps an architecture's class
// count to its faults.

import { sessionJob } from '../../../dist/profile/session/session-job.js';
import { sessionWork } from '../../../dist/profile/session/session-work.js';
import { jobHandler, serve } from '../../../dist/runtime/child/serve.js';
import { openFake } from './fake-runtime.mjs';

const faultsOf = JSON.parse(process.env.FAULTS_OF ?? '{}');
await serve([
  jobHandler(sessionJob, (request, send, commands) =>
    sessionWork((options) => openFake(options, faultsOf[request.architecture.classes]))(
      request,
      send,
      commands,
    ),
  ),
]);
