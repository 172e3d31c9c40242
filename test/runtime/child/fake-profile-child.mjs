// A profiling child on the fake runtime.

import { profileWork } from '../../../dist/profile/candidate/profile-work.js';
import { serve } from '../../../dist/runtime/child/serve.js';
import { openFake } from './fake-runtime.mjs';

await serve(profileWork(openFake));
