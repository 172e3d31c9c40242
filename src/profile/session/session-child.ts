/**
 * Entry point of a session's child: request and commands on standard input, messages on descriptor 3; see
 * `session.ts`.
 */
import { serve } from '../../runtime/child/serve.js';
import { openRuntime } from '../../runtime/open.js';
import { sessionWork } from './session-work.js';

await serve(sessionWork(openRuntime));
