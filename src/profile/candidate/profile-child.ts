/**
 * Entry point of a profiling child: request on standard input, messages on descriptor 3; see
 * `run-profile.ts`.
 */
import { serve } from '../../runtime/child/serve.js';
import { openRuntime } from '../../runtime/open.js';
import { profileWork } from './profile-work.js';

await serve(profileWork(openRuntime));
