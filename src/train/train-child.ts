/**
 * Entry point of a training child: request on standard input, messages on descriptor 3; see `run-train.ts`.
 */
import { serve } from '../runtime/child/serve.js';
import { openRuntime } from '../runtime/open.js';
import { trainWork } from './train-work.js';

await serve(trainWork(openRuntime));
