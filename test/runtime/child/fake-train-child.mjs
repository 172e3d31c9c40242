// A training child on the fake runtime.
import { serve } from '../../../dist/runtime/child/serve.js';
import { trainHandlers } from '../../../dist/train/train-handlers.js';
import { openFake } from './fake-runtime.mjs';

await serve(trainHandlers(openFake));
