// A profiling child on the fake runtime.
import { profileHandlers } from '../../../dist/profile/profile-handlers.js';
import { serve } from '../../../dist/runtime/child/serve.js';
import { openFake } from './fake-runtime.mjs';

await serve(profileHandlers(openFake));
