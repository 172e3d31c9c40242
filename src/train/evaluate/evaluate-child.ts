/** Entry point of a testing child; see `run-test.ts`. */
import { serve } from '../../runtime/child/serve.js';
import { openRuntime } from '../../runtime/open.js';
import { evaluateWork } from './evaluate-work.js';

await serve(evaluateWork(openRuntime));
