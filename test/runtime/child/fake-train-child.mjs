// A training child on the fake runtime.
import { serve } from '../../../dist/runtime/child/serve.js';
import { trainWork } from '../../../dist/train/train-work.js';
import { openFake } from './fake-runtime.mjs';

await serve(trainWork(openFake));
