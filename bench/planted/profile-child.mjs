// A profiling child with plants; see plant.mjs.

import { profileWork } from '../../dist/profile/candidate/profile-work.js';
import { serve } from '../../dist/runtime/child/serve.js';
import { openPlanted } from './plant.mjs';

await serve(profileWork(openPlanted));
