/** The graph of a network's forward pass with its weights inside, as a SavedModel that others serve. */
import type { Architecture } from '../../architecture/architecture.js';
import { forwardNetwork } from '../../network/forward-network.js';
import { conditionClasses, taskOf } from '../../network/task.js';
import { seededRandom } from '../../util/random.js';
import type { WeightSet } from '../runtime.js';
import { tracedBatches, withAnyBatch } from './graph/dynamic-batch.js';
import type { GraphNode } from './graph/graph-node.js';
import { GraphTrace } from './graph/graph-trace.js';
import { savedModelBytes } from './graph/saved-model.js';
import { NetworkWeights } from './model/network-weights.js';
import { runPass } from './model/run-pass.js';
import { atImageSize } from './model/task-loss.js';
import type { NativeEngine, Tensor } from './native-engine.js';
import type { Platform } from './platform.js';

export interface ServingGraph {
  /** Of `saved_model.pb`. */
  readonly bytes: Uint8Array;
  /** Why the batch size is fixed to 1; absent where any fits. */
  readonly fixedBatch?: string;
}

/** Names and shapes of the inputs of one image. */
function inputsOf(
  architecture: Architecture,
): readonly (readonly [name: string, shape: readonly number[]])[] {
  const { height, width, channels } = architecture.input;
  const images = ['images', [height, width, channels]] as const;
  if (taskOf(architecture) !== 'denoising') return [images];
  const classes = conditionClasses(architecture);
  return [images, ['time', []], ...(classes > 0 ? [['labels', [classes]] as const] : [])];
}

function forward(weights: NetworkWeights, [images, time, labels]: readonly Tensor[]): Tensor {
  const { platform, store, architecture } = weights;
  const condition = time && { time, ...(labels && { labels }) };
  return runPass(platform, store, { training: false, initial: seededRandom('serve') }, (ops) => {
    const y = forwardNetwork(ops, architecture, images!, condition ? { condition } : {});
    return taskOf(architecture) === 'dense' ? atImageSize(ops, y, architecture) : y;
  });
}

interface Traced {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly string[];
  readonly output: string;
}

function traced(engine: NativeEngine, weights: NetworkWeights, batch: number): Traced {
  const trace = new GraphTrace(engine, { frozen: () => true, inline: true });
  const specs = inputsOf(weights.architecture).map(([, shape]) => ({
    shape: [batch, ...shape],
    dtype: 'float32' as const,
  }));
  const { inputs, outputs } = trace.trace('serve', specs, (given) => [forward(weights, given)]);
  trace.prune([...inputs, ...outputs]);
  // values are read while the trace keeps their tensors
  const nodes = trace.nodes.map((node) =>
    node.tensor ? { ...node, tensor: { ...node.tensor, bytes: Uint8Array.from(node.tensor.bytes) } } : node,
  );
  trace.weights.drop(engine.binding);
  return { nodes, inputs, output: outputs[0]! };
}

/** @param output shape of the network's output for one image */
export function servingGraph(
  platform: Platform,
  architecture: Architecture,
  values: WeightSet,
  output: readonly number[],
): ServingGraph {
  const engine = platform.native!;
  const weights = new NetworkWeights(platform, architecture, 0);
  weights.write(values);
  const [first, second] = tracedBatches.map((batch) => traced(engine, weights, batch)) as [Traced, Traced];
  const merged = withAnyBatch(first.nodes, second.nodes);
  const isFixed = 'problem' in merged;
  const {
    nodes,
    inputs,
    output: end,
  } = isFixed ? traced(engine, weights, 1) : { ...first, nodes: merged.nodes };
  weights.dispose();
  const batch = isFixed ? 1 : -1;
  const names = inputsOf(architecture);
  return {
    bytes: savedModelBytes(engine, nodes, {
      inputs: inputs.map((node, index) => ({
        name: names[index]![0],
        node,
        shape: [batch, ...names[index]![1]],
      })),
      outputs: [{ name: 'output', node: end, shape: [batch, ...output] }],
    }),
    ...(isFixed && { fixedBatch: merged.problem }),
  };
}
