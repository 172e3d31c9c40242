/** Shape functions against TensorFlow: every op that networks execute has the shapes and types of its table. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CompiledGraph } from '../../../src/runtime/tfjs/graph/compiled-graph.js';
import { outputTypes } from '../../../src/runtime/tfjs/graph/shapes/op-shapes.js';
import { OpSignature, type TensorType } from '../../../src/runtime/tfjs/graph/shapes/op-signature.js';
import { TfjsModel } from '../../../src/runtime/tfjs/model/tfjs-model.js';
import {
  attr,
  type Binding,
  DT,
  type NativeEngine,
  type TensorMeta,
} from '../../../src/runtime/tfjs/native-engine.js';
import type { Platform } from '../../../src/runtime/tfjs/platform.js';
import { engineFolder, openPlatform, smallNetwork } from '../platforms.js';

const precisions = { compiled: ['float32'], eager: ['float32'] } as const;
const training = {
  batch: 2,
  execution: 'eager',
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0.1,
  seed: 1,
} as const;

/** Runs `body` and compares each executed op with the tables. @returns names of ops in and not in them */
async function compared(
  engine: NativeEngine,
  body: () => Promise<unknown>,
): Promise<{ readonly known: ReadonlySet<string>; readonly unknown: ReadonlySet<string> }> {
  const { binding } = engine;
  const types = new Map<number, TensorType>();
  const [known, unknown] = [new Set<string>(), new Set<string>()];
  const executeOp: Binding['executeOp'] = (op, attrs, ids, outputs) => {
    const inputs = ids.map((id) => ({
      ...(types.get(id) ?? { shape: [], dtype: DT.resource }),
      values: () => [...(binding.tensorDataSync(id) as Float32Array)],
    }));
    const inferred = outputs > 0 ? outputTypes(new OpSignature(op, attrs, inputs, outputs)) : [];
    const metas = binding.executeOp(op, attrs, ids, outputs);
    for (const { id, shape, dtype } of metas) types.set(id, { shape: [...shape], dtype });
    if (outputs > 0) (inferred ? known : unknown).add(op);
    const real = (list: readonly (TensorType | TensorMeta)[]): unknown =>
      list.map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
    // TensorFlow's batch norm has private outputs, whose shapes depend on the library that computes it
    const shown = op.startsWith('FusedBatchNorm') ? 3 : outputs;
    if (inferred)
      expect({ op, types: real(inferred.slice(0, shown)) }).toEqual({
        op,
        types: real(metas.slice(0, shown)),
      });
    return metas;
  };
  const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
    const id = binding.createTensor(shape, dtype, values);
    types.set(id, { shape: [...shape], dtype });
    return id;
  };
  engine.backend.binding = Object.create(
    binding,
    Object.fromEntries(Object.entries({ executeOp, createTensor }).map(([key, value]) => [key, { value }])),
  ) as Binding;
  try {
    await body();
  } finally {
    engine.backend.binding = binding;
  }
  return { known, unknown };
}

describe.skipIf(!engineFolder)('shape functions of ops', () => {
  for (const kind of ['native', 'plain'] as const) {
    let platform: Platform;
    beforeAll(async () => {
      platform = await openPlatform(kind);
    });

    it(`equal what TensorFlow computes, op by op, over a training step (${kind})`, async () => {
      platform = await openPlatform(kind);
      const { known, unknown } = await compared(platform.native!, async () => {
        const model = new TfjsModel(platform, smallNetwork, 1, precisions);
        const { height, width, channels } = smallNetwork.input;
        const steps = model.training(training);
        const images = new Float32Array(2 * height * width * channels).map((_, index) => Math.sin(index));
        await steps.step(images, Int32Array.of(0, 1), { learningRate: 1e-3 });
        const inference = model.inference({ batch: 2, execution: 'eager' });
        await inference.logits(images);
        inference.dispose();
        model.dispose();
      });
      expect(known.size).toBeGreaterThan(20);
      expect([...unknown].filter((op) => op !== 'ReadVariableOp' && op !== 'VarHandleOp')).toEqual([]);
    });
  }

  it('an op without a table is executed once on zeros, and the graph computes it', async () => {
    const engine = (await openPlatform('native')).native!;
    const { tf } = engine;
    const graph = new CompiledGraph(engine, {
      f: {
        inputs: [{ shape: [2, 2], dtype: 'float32' }],
        body: ([x]) => [tf.reshape(engine.op('MatrixDiagPart', [attr.type('T', DT.float)], [x!]), [2])],
      },
    });
    expect([...graph.run('f', [Float32Array.of(1, 2, 3, 4)])[0]!]).toEqual([1, 4]);
    graph.dispose();
  });

  it('a trace allocates nothing for the tensors of a run', async () => {
    const engine = (await openPlatform('native')).native!;
    const { tf } = engine;
    const side = 2 ** 15; // a product of this size holds 4 GiB
    const before = engine.binding.getNumOfTensors();
    const graph = new CompiledGraph(engine, {
      f: {
        inputs: [{ shape: [side, 1], dtype: 'float32' }],
        body: ([x]) => [tf.sum(tf.slice(tf.matMul(x! as never, x! as never, false, true), [0, 0], [1, 1]))],
      },
    });
    expect(process.resourceUsage().maxRSS / 2 ** 20).toBeLessThan(3);
    graph.dispose();
    expect(engine.binding.getNumOfTensors()).toBe(before);
  });
});
