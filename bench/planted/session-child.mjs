// A session's child with plants; see plant.mjs.

import { sessionWork } from '../../dist/profile/session/session-work.js';
import { serve } from '../../dist/runtime/child/serve.js';
import { openPlanted } from './plant.mjs';

await serve(sessionWork(openPlanted));
