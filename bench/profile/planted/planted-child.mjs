// A profiling child with plants; see plant.mjs.
import { profileHandlers } from '../../../dist/profile/profile-handlers.js';
import { serve } from '../../../dist/runtime/child/serve.js';
import { openPlanted } from './plant.mjs';

await serve(profileHandlers(openPlanted));
