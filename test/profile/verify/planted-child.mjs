// A verifying child with a planted fault; see planted-runtime.mjs.
import { profileHandlers } from '../../../dist/profile/profile-handlers.js';
import { serve } from '../../../dist/runtime/child/serve.js';
import { openPlanted } from './planted-runtime.mjs';

await serve(profileHandlers(openPlanted));
