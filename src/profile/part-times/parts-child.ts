/** Entry point of a child that times the parts of a network; see `run-parts.ts`. */
import { serve } from '../../runtime/child/serve.js';
import { openRuntime } from '../../runtime/open.js';
import { partsWork } from './parts-work.js';

await serve(partsWork(openRuntime));
