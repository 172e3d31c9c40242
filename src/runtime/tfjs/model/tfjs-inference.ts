/** Forward passes, eager or as a compiled graph: timed over a random batch on the device, or on images. */
import type { ConditionInputs } from '../../../blocks/block.js';
import { forwardNetwork } from '../../../network/forward-network.js';
import { conditionClasses, taskOf } from '../../../network/task.js';
import { seededRandom } from '../../../util/random.js';
import type { Inference, InferenceOptions } from '../../runtime.js';
import { CompiledGraph, type FunctionSpec, precisionOf } from '../graph/compiled-graph.js';
import type { Tensor } from '../native-engine.js';
import type { NetworkWeights } from './network-weights.js';
import { runPass } from './run-pass.js';
import type { NativeVariable, StateVariable } from './state-store.js';
import { atImageSize } from './task-loss.js';

type GraphName = 'pass' | 'logits' | 'denoise';

/** Never drawn from: the weights are declared. */
const noWeights = seededRandom('inference');
const inputKey = 1;

export class TfjsInference implements Inference {
  private readonly shape: readonly [number, number, number, number];
  /** The random batch; created on first use, since evaluation does not need it. */
  private input: StateVariable | undefined;
  private readonly graphs = new Map<GraphName, { graph: CompiledGraph; version: number }>();
  private timing: { buildMs: number; firstRunMs: number } | undefined;
  private builtMs: number | undefined;
  private pending: Tensor[] = [];
  private sum: number | undefined;
  private lastSum = 0;

  constructor(
    private readonly weights: NetworkWeights,
    private readonly options: InferenceOptions,
  ) {
    const { height, width, channels } = weights.architecture.input;
    this.shape = [options.batch, height, width, channels];
  }

  /** Builds on the first access or pass. */
  get buildMs(): number {
    return this.ensureTimed().buildMs;
  }
  get firstRunMs(): number {
    return this.ensureTimed().firstRunMs;
  }

  get launches(): number | undefined {
    return this.graphs.get('pass')?.graph.launches;
  }

  build(): void {
    if (this.builtMs !== undefined) return;
    const start = performance.now();
    this.batch();
    if (this.options.execution === 'compiled') this.graph('pass');
    this.builtMs = performance.now() - start;
  }

  enqueue(): void {
    if (!this.timing) this.ensureTimed();
    else this.pass();
  }

  synchronise(): Promise<number> {
    const { tf } = this.weights.platform;
    if (this.options.execution === 'compiled') {
      // a run of the session returns when its outputs are on the host
      this.lastSum = this.sum ?? this.lastSum;
      this.sum = undefined;
      return Promise.resolve(this.lastSum);
    }
    if (this.pending.length === 0) return Promise.resolve(this.lastSum);
    const total = tf.tidy(() => tf.addN(this.pending).dataSync()[0]!);
    const last = this.pending.pop()!;
    for (const scalar of this.pending) scalar.dispose();
    this.pending = [];
    last.dispose();
    this.lastSum = total;
    return Promise.resolve(total);
  }

  logits(images: Float32Array): Promise<Float32Array> {
    const { tf } = this.weights.platform;
    const size = this.shape.reduce((product, dim) => product * dim, 1);
    if (images.length !== size)
      throw new Error(
        `logits: images must fill [${this.shape.join()}] (${size} values), got ${images.length}`,
      );
    if (this.options.execution === 'compiled')
      return Promise.resolve(this.run('logits', [images]) as Float32Array);
    this.weights.settle();
    return Promise.resolve(
      tf.tidy(
        () =>
          this.forward(
            tf.tensor(images.slice(), [...this.shape], 'float32'),
            undefined,
            true,
          ).dataSync() as Float32Array,
      ),
    );
  }

  denoise(images: Float32Array, times: Float32Array, classShares?: Float32Array): Promise<Float32Array> {
    const { tf } = this.weights.platform;
    const given = [images, times, ...(classShares ? [classShares] : [])];
    const shapes = this.denoiseShapes();
    if (given.length !== shapes.length)
      throw new Error(`denoise: this network takes ${shapes.length} inputs, got ${given.length}`);
    if (this.options.execution === 'compiled')
      return Promise.resolve(this.run('denoise', given) as Float32Array);
    this.weights.settle();
    return Promise.resolve(
      tf.tidy(
        () =>
          this.predictNoise(
            given.map((values, index) => tf.tensor(values.slice(), [...shapes[index]!], 'float32')),
          ).dataSync() as Float32Array,
      ),
    );
  }

  dispose(): void {
    for (const { graph } of this.graphs.values()) graph.dispose();
    this.graphs.clear();
    for (const scalar of this.pending) scalar.dispose();
    this.pending = [];
    this.input?.dispose();
    this.input = undefined;
  }

  private forward(x: Tensor, condition?: ConditionInputs<Tensor>, wholeImage = false): Tensor {
    const { platform, store, architecture, masks } = this.weights;
    return runPass(platform, store, { training: false, initial: noWeights }, (ops) => {
      const y = forwardNetwork(ops, architecture, x, { masks, ...(condition && { condition }) });
      return wholeImage && taskOf(architecture) === 'dense' ? atImageSize(ops, y, architecture) : y;
    });
  }

  private predictNoise([images, time, labels]: readonly Tensor[]): Tensor {
    return this.forward(images!, { time: time!, ...(labels && { labels }) });
  }

  /** Shapes of images, times and, of a class-conditional network, class shares. */
  private denoiseShapes(): (readonly number[])[] {
    const classes = conditionClasses(this.weights.architecture);
    return [this.shape, [this.options.batch], ...(classes > 0 ? [[this.options.batch, classes]] : [])];
  }

  /** The random batch: mean 0, variance 1. */
  private batch(): StateVariable {
    if (this.input) return this.input;
    const { platform } = this.weights;
    const { tf } = platform;
    const input = platform.createVariable(
      'input',
      this.shape,
      new Float32Array(this.shape.reduce((product, dim) => product * dim, 1)),
      false,
    );
    tf.tidy(() => {
      const uniform = platform.uniform(this.shape, inputKey, tf.scalar(0, 'int32'));
      input.assign(tf.mul(tf.sub(uniform, 0.5), Math.sqrt(12)));
    });
    this.input = input;
    return input;
  }

  private pass(): void {
    if (this.options.execution === 'compiled') {
      this.sum = (this.sum ?? 0) + this.run('pass', [])[0]!;
      return;
    }
    this.weights.settle();
    const { tf } = this.weights.platform;
    this.pending.push(tf.tidy(() => tf.sum(this.forward(this.batch().read()))));
  }

  private ensureTimed(): { buildMs: number; firstRunMs: number } {
    if (this.timing) return this.timing;
    this.build();
    const built = performance.now();
    this.pass();
    this.timing = { buildMs: this.builtMs!, firstRunMs: performance.now() - built };
    return this.timing;
  }

  private run(name: GraphName, inputs: Float32Array[]): Float32Array {
    return this.graph(name).run(name, inputs)[0] as Float32Array;
  }

  /**
   * The graph that is timed has frozen weights and is rebuilt when they change. The graphs that evaluate are
   * used between training epochs, so their weights are variables.
   */
  private graph(name: GraphName): CompiledGraph {
    const known = this.graphs.get(name);
    if (known?.version === this.weights.version) return known.graph;
    this.weights.settle();
    if (known && name !== 'pass') {
      known.graph.writeVariables();
      known.version = this.weights.version;
      return known.graph;
    }
    known?.graph.dispose();
    const { tf, native } = this.weights.platform;
    const functions: Record<GraphName, FunctionSpec> = {
      pass: { inputs: [], body: () => [tf.sum(this.forward(this.batch().read()))] },
      logits: {
        inputs: [{ shape: this.shape, dtype: 'float32' }],
        body: ([x]) => [this.forward(x!, undefined, true)],
      },
      denoise: {
        inputs:
          taskOf(this.weights.architecture) === 'denoising'
            ? this.denoiseShapes().map((shape) => ({ shape, dtype: 'float32' as const }))
            : [],
        body: (inputs) => [this.predictNoise(inputs)],
      },
    };
    const input = this.input as NativeVariable | undefined;
    const graph = new CompiledGraph(
      native!,
      { [name]: functions[name] },
      {
        ...precisionOf(this.options),
        ...(name === 'pass' && { frozen: (variable) => variable !== input?.resource }),
      },
    );
    this.graphs.set(name, { graph, version: this.weights.version });
    return graph;
  }
}
