/** Entry point of a scoring child; see `run.ts`. */
import { serve } from '../../runtime/child/serve.js';
import { openRuntime } from '../../runtime/open.js';
import { zeroCostWork } from './zero-cost-work.js';

await serve(zeroCostWork(openRuntime));
