/** Entry script of the children of this room. */
import { serve } from '../runtime/child/serve.js';
import { openRuntime } from '../runtime/open-runtime.js';
import { trainHandlers } from './train-handlers.js';

await serve(trainHandlers(openRuntime));
