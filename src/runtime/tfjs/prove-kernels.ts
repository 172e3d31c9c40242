/**
 * Entry of the child that tries the engine's own kernels: each as `TensorOps` and the optimizer call it,
 * forward and gradients, against TensorFlow's ops on the same inputs. Prints one JSON line
 * `{tensorflowVersion, results}`. Arguments: engine folder, file of the addon.
 */
import { createRequire } from 'node:module';
import { readEngineInfo } from '../../setup/engine/engine-info.js';
import { type KernelName, type KernelResult, kernelNames } from '../../setup/engine/kernel-table.js';
import { loadEngine } from '../../setup/engine/load-engine.js';
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { seededRandom } from '../../util/random.js';
import type { OptimizerSpec } from '../runtime.js';
import type { StateVariable } from './model/state-store.js';
import { attr, NativeEngine, type Tensor, type Tf } from './native-engine.js';
import { nativePlatform } from './native-platform.js';
import { floatType } from './ops/differentiable.js';
import type { Platform, StepScalars } from './platform.js';

interface KernelCase {
  readonly shapes: readonly (readonly number[])[];
  /** Kernels that are on beside the tried one, for both sides. */
  readonly beside?: readonly KernelName[];
  run(ops: TensorOps<Tensor>, inputs: readonly Tensor[]): Tensor;
}

const affine = ([, gamma, beta]: readonly Tensor[]) => ({ gamma: gamma!, beta: beta! });
const convolve: KernelCase['run'] = (ops, [x, filter]) => ops.conv2d(x!, filter!, { padding: 'same' });

/** One call each, of a size that networks have. */
const cases: Readonly<Record<Exclude<KernelName, 'adamw'>, KernelCase>> = {
  activation: { shapes: [[8, 28, 28, 128]], run: (ops, [x]) => ops.activation(x!, 'silu') },
  'batch-norm': {
    shapes: [[8, 28, 28, 128], [128], [128]],
    run: (ops, inputs) => ops.activation(ops.batchNorm(inputs[0]!, affine(inputs)), 'relu'),
  },
  channels: {
    shapes: [
      [8, 28, 28, 128],
      [8, 1, 1, 128],
    ],
    run: (ops, [x, gate]) => ops.reduce(ops.binary(x!, gate!, 'mul'), 'mean', [1, 2], { keepDims: true }),
  },
  convolution: {
    shapes: [
      [1, 7, 7, 128],
      [3, 3, 128, 128],
    ],
    beside: ['winograd'],
    run: convolve,
  },
  depthwise: {
    shapes: [
      [8, 28, 28, 128],
      [5, 5, 128, 1],
    ],
    run: (ops, [x, filter]) => ops.depthwiseConv2d(x!, filter!, { padding: 'same', stride: 2 }),
  },
  'layer-norm': {
    shapes: [[8, 196, 384], [384], [384]],
    run: (ops, inputs) => ops.layerNorm(inputs[0]!, affine(inputs)),
  },
  winograd: {
    shapes: [
      [8, 28, 28, 64],
      [3, 3, 64, 64],
    ],
    run: convolve,
  },
};

const optimizer = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const satisfies OptimizerSpec;
const weightShapes = [[384, 1536], [1536, 384], [384, 384], [384]] as const;

/** Runs once and returns what it computed, as tensors that the caller disposes of. */
type Side = () => readonly Tensor[];

class Prover {
  private readonly random = seededRandom('kernels');
  constructor(
    private readonly loaded: ConstructorParameters<typeof NativeEngine>[0],
    private readonly tf: Tf,
  ) {}

  prove(name: KernelName): KernelResult {
    try {
      const [kernel, stock] = name === 'adamw' ? this.optimizers() : this.ops(cases[name], name);
      return { difference: this.difference(kernel!, stock!), gain: this.gain(kernel!, stock!), error: '' };
    } catch (error) {
      return { gain: 0, difference: -1, error: (error as Error).message.slice(0, 200) };
    }
  }

  private noise(shape: readonly number[]): Tensor {
    const size = shape.reduce((all, dim) => all * dim, 1);
    return this.tf.tensor(
      Float32Array.from({ length: size }, () => this.random.normal()),
      [...shape],
    );
  }

  private platform(kernels: readonly KernelName[]): Platform {
    return nativePlatform(new NativeEngine(this.loaded, new Set(kernels)));
  }

  private ops({ shapes, beside = [], run }: KernelCase, name: KernelName): Side[] {
    const { tf } = this;
    const inputs = shapes.map((shape) => this.noise(shape));
    let dy: Tensor | undefined; // one for both sides
    const side = (kernels: readonly KernelName[]): Side => {
      const platform = this.platform(kernels);
      const statistics = new Map<string, StateVariable>();
      const ops = platform.ops({
        tf,
        training: true,
        path: () => '',
        scope: (_, body) => body(),
        weight: () => {
          throw new Error('a case declares no weights');
        },
        statistic: (path, channels, initial) => {
          const known = statistics.get(path);
          const made =
            known ??
            platform.createVariable(path, [channels], new Float32Array(channels).fill(initial), false);
          statistics.set(path, made);
          return made;
        },
        uniform: () => {
          throw new Error('a case draws nothing');
        },
      });
      const both = tf.valueAndGrads((...tensors) => run(ops, tensors));
      dy ??= this.noise(tf.tidy(() => run(ops, inputs)).shape);
      const flow = dy;
      return () =>
        tf.tidy(() => {
          const { value, grads } = both([...inputs], flow);
          return [value, ...grads];
        });
    };
    const stock = side([]);
    return [name === 'batch-norm' ? this.fusedNorm(inputs, dy!) : side([...beside, name]), stock];
  }

  /** Norm and activation as one op, as they are in every compiled graph. */
  private fusedNorm([x, gamma, beta]: readonly Tensor[], dy: Tensor): Side {
    const engine = new NativeEngine(this.loaded);
    const channels = [gamma!.size];
    const running = [this.tf.zeros(channels), this.tf.ones(channels)];
    const relu = [floatType, attr.int('act', 1), attr.float('epsilon', 1e-5)];
    return () =>
      this.tf.tidy(() => {
        const momentum = [floatType, attr.float('momentum', 0.1)];
        const [mean, variance] = engine.run('StagecraftMoments', momentum, [x!, ...running], 4);
        const of = [x!, mean!, variance!, gamma!, beta!];
        return [
          ...engine.run('StagecraftNorm', relu, of),
          ...engine.run('StagecraftNormGrad', relu, [dy, ...of], 3),
        ];
      });
  }

  /** Each run is one step; its result is the weights, so both sides must have made as many steps. */
  private optimizers(): Side[] {
    const { tf } = this;
    const gradients = weightShapes.map((shape) => this.noise(shape));
    const values = weightShapes.map((shape) => this.noise(shape).dataSync() as Float32Array);
    const scalar = (value: number): Tensor => tf.scalar(value);
    const scalars = {
      learningRate: scalar(1e-3),
      decay: scalar(5e-5),
      beta1Power: scalar(0.9),
      beta2Power: scalar(0.999),
      epsilon: scalar(1e-8 * Math.sqrt(1e-3)),
    } as unknown as StepScalars;
    const side = (kernels: readonly KernelName[]): Side => {
      const platform = this.platform(kernels);
      const variables = weightShapes.map((shape, index) =>
        [values[index]!, ...[0, 1].map(() => new Float32Array(values[index]!.length))].map((data) =>
          platform.createVariable('weight', shape, data.slice(), true),
        ),
      );
      return () =>
        tf.tidy(() => {
          const updates = variables.map(([weight, ...slots], index) => ({
            weight: weight!,
            value: weight!.read(),
            slots,
            gradient: gradients[index]!,
            decays: true,
          }));
          if (!platform.updateTogether?.(optimizer, updates, scalars, 1)) {
            const norm = tf.sqrt(platform.squaredNorm(gradients));
            const factor = tf.minimum(1, tf.div(1, tf.add(norm, 1e-6)));
            for (const update of updates)
              platform.update(optimizer, { ...update, gradient: tf.mul(update.gradient, factor) }, scalars);
          }
          return variables.map(([weight]) => weight!.read());
        });
    };
    return [side(['adamw']), side([])];
  }

  private difference(kernel: Side, stock: Side): number {
    const [found, expected] = [kernel(), stock()];
    let most = 0;
    expected.forEach((tensor, index) => {
      const [a, b] = [found[index]!.dataSync(), tensor.dataSync()];
      let [difference, magnitude] = [0, 1e-6];
      for (let i = 0; i < b.length; i++) {
        const distance = Math.abs(a[i]! - b[i]!);
        difference = Number.isNaN(distance) ? Infinity : Math.max(difference, distance);
        magnitude = Math.max(magnitude, Math.abs(b[i]!));
      }
      most = Math.max(most, difference / magnitude);
    });
    this.tf.dispose([...found, ...expected]);
    return Number.isFinite(most) ? most : 1;
  }

  /** By the fastest of interleaved calls of each side, since other work on the machine only adds time. */
  private gain(kernel: Side, stock: Side): number {
    const time = (side: Side): number => {
      const start = performance.now();
      const tensors = side();
      const elapsed = performance.now() - start;
      this.tf.dispose([...tensors]);
      return elapsed;
    };
    for (let i = 0; i < 3; i++) {
      time(kernel);
      time(stock);
    }
    const until = performance.now() + 2000;
    let [ours, theirs] = [Infinity, Infinity];
    for (let i = 0; i < 12 || (i < 200 && performance.now() < until); i++) {
      ours = Math.min(ours, time(kernel));
      theirs = Math.min(theirs, time(stock));
    }
    return Math.round((100 * theirs) / ours) / 100;
  }
}

const [folder, addonFile] = process.argv.slice(2) as [string, string];
const loaded = loadEngine({ engine: { folder, info: readEngineInfo(folder)! } });
const addon = createRequire(import.meta.url)(addonFile) as {
  readonly registered: boolean;
  setThreads(threads: number): void;
};
if (!addon.registered) throw new Error('TensorFlow did not take the kernels');
addon.setThreads(Number(process.env['OMP_NUM_THREADS']) || 1);
const prover = new Prover(loaded, loaded.tf);
const results: Partial<Record<KernelName, KernelResult>> = {};
for (const name of kernelNames) results[name] = prover.prove(name);
const { TF_Version: tensorflowVersion } = new NativeEngine(loaded).binding;
process.stdout.write(`${JSON.stringify({ tensorflowVersion, results })}\n`);
