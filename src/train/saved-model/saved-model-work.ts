/** The child's side: traces the forward pass on TensorFlow's own ops and writes `saved_model.pb`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../../architecture/architecture.js';
import { weightForms } from '../../export/pytorch/weight-names.js';
import { taskOf } from '../../network/task.js';
import type { JobWork } from '../../runtime/child/serve.js';
import { initialWeights } from '../../runtime/initial-weights.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import type { WeightSet } from '../../runtime/runtime.js';
import { servingGraph } from '../../runtime/tfjs/serving-graph.js';
import { TfjsRuntime } from '../../runtime/tfjs/tfjs-runtime.js';
import { replaceFile } from '../weights/replace-file.js';
import { readWeightsFile } from '../weights/weights-file.js';
import type { SavedModelMessage, SavedModelRequest } from './saved-model-job.js';

export const savedModelWork =
  (open: OpenRuntime): JobWork<SavedModelRequest, SavedModelMessage> =>
  async ({ architecture, weights, seed, folder, threads }, send) => {
    const runtime = await open({ runtime: 'tensorflow', threads, kernels: 'off' });
    if (!(runtime instanceof TfjsRuntime)) throw new Error('saved model: TensorFlow is needed');
    const values = weights === undefined ? initial(architecture, seed) : readWeightsFile(weights).weights;
    const graph = servingGraph(runtime.platform, architecture, values, outputShape(architecture));
    mkdirSync(folder, { recursive: true });
    replaceFile(join(folder, 'saved_model.pb'), Buffer.from(graph.bytes));
    send({ type: 'written', ...(graph.fixedBatch !== undefined && { fixedBatch: graph.fixedBatch }) });
  };

function initial(architecture: Architecture, seed: number): WeightSet {
  const forms = weightForms(architecture);
  const values = initialWeights(forms, seed);
  return new Map(
    forms.map(({ path, shape, trainable }) => [path, { shape, trainable, values: values.get(path)! }]),
  );
}

/** Of one image. */
function outputShape(architecture: Architecture): readonly number[] {
  const { height, width, channels } = architecture.input;
  const task = taskOf(architecture);
  if (task === 'denoising') return [height, width, channels];
  return task === 'dense' ? [height, width, architecture.classes] : [architecture.classes];
}
