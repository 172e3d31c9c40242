/** Loads a graph into an engine that never gets done: says the folder, and waits to be killed. */
import { writeSync } from 'node:fs';
import { loadGraph } from '../../../dist/runtime/tfjs/graph/saved-model.js';

const packageFolder = process.env.STAGECRAFT_TEST_PACKAGE;
loadGraph(
  {
    packageFolder,
    binding: {
      loadSavedModel(folder) {
        writeSync(3, `${JSON.stringify({ folder })}\n`);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      },
    },
  },
  [],
);
