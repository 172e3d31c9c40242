/**
 * What `accuracyOf` states of each precision, on a hybrid that holds every block: logits and steps of a
 * training; the sums of 16-bit products; and XLA, which must really compile and change nothing. `npm run
 * bench -- precision` is the long form.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { agreement, relativeError } from '../../bench/runtime/precision.js';
import type { Architecture } from '../../src/architecture/architecture.js';
import type { Block } from '../../src/blocks/block.js';
import { blocks } from '../../src/blocks/block-table.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { oneBlock } from '../../src/network/block-networks.js';
import { accuracyOf } from '../../src/runtime/compute.js';
import type { Runtime, TrainingOptions } from '../../src/runtime/runtime.js';
import { CompiledGraph } from '../../src/runtime/tfjs/graph/compiled-graph.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import { engineFolder, noise, openPlatform, product, smallNetwork } from './platforms.js';

const low = ['bfloat16', 'float16'] as const;
const batch = 4;

/** Blocks in one stage, each once. */
function hybridOf(names: readonly (keyof typeof blocks)[]): Architecture {
  const each = names.map((name) => oneBlock(blocks[name] as Block, { side: 14, width: 64 }));
  const [first] = each as [Architecture];
  return {
    ...first,
    stages: [{ ...first.stages[0]!, blocks: each.map(({ stages }) => stages[0]!.blocks[0]!) }],
  };
}

describe.skipIf(engineFolder === undefined)('16-bit precisions', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
  });

  it('logits of a hybrid of every block lie within the stated distance of float32, and name the same class', async () => {
    const network = hybridOf(Object.keys(blocks) as (keyof typeof blocks)[]);
    expect(architectureProblem(network)).toBeUndefined();
    const model = runtime.instantiate(network, { seed: 3 });
    const images = noise('images', product([batch, 14, 14, 3]));
    const logits = async (precision: 'float32' | (typeof low)[number]): Promise<Float32Array> => {
      const inference = model.inference({ batch, execution: 'compiled', precision });
      const values = await inference.logits(images);
      inference.dispose();
      return values;
    };
    const full = await logits('float32');
    for (const precision of low) {
      const values = await logits(precision);
      const error = relativeError(values, full);
      expect(error, precision).toBeLessThan(accuracyOf[precision]!.logits);
      expect(error, precision).toBeGreaterThan(1e-5); // it does compute in 16 bits
      expect(agreement(values, full, network.classes), precision).toBe(1);
    }
    model.dispose();
  });

  it("float16 trains a hybrid of the blocks with the most kinds of ops: the loss of its first steps is float32's within the stated bound", async () => {
    const network = hybridOf(['swin', 'maxvit', 'spartan', 'hornet', 'wavemix', 'sret', 'lsnet']);
    const options: TrainingOptions = {
      batch,
      execution: 'compiled',
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
      labelSmoothing: 0.1,
      clipNorm: 1,
      dropPath: 0,
      seed: 1,
    };
    const losses: number[][] = [];
    for (const precision of ['float32', 'float16'] as const) {
      const model = runtime.instantiate(network, { seed: 3 });
      const training = model.training({ ...options, precision, lossScale: { initial: 1024 } });
      const list: number[] = [];
      for (let step = 0; step < 3; step++) {
        const result = await training.step(
          noise('images', product([batch, 14, 14, 3])),
          Int32Array.of(0, 1, 2, 3),
          { learningRate: 1e-3 },
        );
        expect(result.skipped ?? false).toBe(false);
        list.push(result.loss);
      }
      losses.push(list);
      model.dispose();
    }
    expect(losses[0]!.at(-1)!).toBeLessThan(losses[0]![0]!);
    losses[1]!.forEach((loss, step) =>
      expect(Math.abs(loss / losses[0]![step]! - 1), `step ${step}`).toBeLessThan(
        accuracyOf.float16!.trainingLoss,
      ),
    );
  });

  it.each(low)(
    "%s: a short training stays within the stated bound of float32's loss, step by step",
    async (precision) => {
      const curve = async (at: 'float32' | typeof precision): Promise<number[]> => {
        const model = runtime.instantiate(smallNetwork, { seed: 7 });
        const training = model.training({
          batch,
          execution: 'compiled',
          precision: at,
          optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
          labelSmoothing: 0.1,
          clipNorm: 1,
          dropPath: 0,
          seed: 3,
        });
        const losses: number[] = [];
        for (let step = 0; step < 40; step++)
          losses.push(
            (
              await training.step(
                noise(`images ${step % 4}`, product([batch, 8, 8, 3])),
                Int32Array.from({ length: batch }, (_, index) => (index + step) % 4),
                { learningRate: 3e-3 },
              )
            ).loss,
          );
        model.dispose();
        return losses;
      };
      const [full, losses] = [await curve('float32'), await curve(precision)];
      expect(full.at(-1)!).toBeLessThan(full[0]!);
      expect(losses).not.toEqual(full);
      losses.forEach((loss, step) =>
        expect(Math.abs(loss / full[step]! - 1), `step ${step}`).toBeLessThan(
          accuracyOf[precision]!.trainingLoss,
        ),
      );
    },
  );

  it.each([
    ['bfloat16', 8],
    ['float16', 11],
  ] as const)("%s: sums of 4,096 products are float32's, rounded once", async (precision, bits) => {
    const { tf, native } = await openPlatform('native');
    const [rows, depth] = [8, 4096];
    const round = (value: number): number => {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits + 1);
      return Math.round(value / unit) * unit;
    };
    const [a, b] = ['a', 'b'].map((name) => noise(name, rows * depth).map(round)) as [
      Float32Array,
      Float32Array,
    ]; // as they are held: no rounding of inputs is left
    const graph = new CompiledGraph(
      native!,
      {
        product: {
          inputs: [
            { shape: [rows, depth], dtype: 'float32' },
            { shape: [rows, depth], dtype: 'float32' },
          ],
          body: ([x, y]) => [tf.matMul(x as never, y as never, false, true)],
        },
      },
      { precision },
    );
    const [out] = graph.run('product', [a, b]);
    graph.dispose();
    const exact = Array.from({ length: rows * rows }, (_, at) =>
      Array.from(
        { length: depth },
        (_x, k) => a[Math.floor(at / rows) * depth + k]! * b[(at % rows) * depth + k]!,
      ).reduce((sum, value) => sum + value, 0),
    );
    // one rounding, to nearest or towards zero; sums in 16 bits would be off by tens of units
    expect(relativeError(out!, exact)).toBeLessThan(2 ** (1 - bits));
    expect(relativeError(out!, exact)).toBeGreaterThan(2 ** (-bits - 3));
  });
});

describe.skipIf(engineFolder === undefined)('XLA', () => {
  /** Logits and losses of a process of its own, and how many clusters XLA compiled in it. */
  function inProcess(xla: boolean): { logits: number[]; losses: number[]; clusters: number; key: boolean } {
    const dump = mkdtempSync(join(tmpdir(), 'stagecraft-xla-'));
    const script = `
      import { openRuntime } from ${JSON.stringify(join(import.meta.dirname, '../../src/runtime/open-runtime.ts'))};
      import { smallNetwork, noise } from ${JSON.stringify(join(import.meta.dirname, 'platforms.ts'))};
      const runtime = await openRuntime({ runtime: 'tensorflow', threads: 2, xla: ${xla} });
      const model = runtime.instantiate(smallNetwork, { seed: 7 });
      const images = noise('images', 4 * 192);
      const logits = [...await model.inference({ batch: 4, execution: 'compiled' }).logits(images)];
      const training = model.training({ batch: 4, execution: 'compiled', optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 }, labelSmoothing: 0.1, clipNorm: 1, dropPath: 0, seed: 3 });
      const losses = [];
      for (let step = 0; step < 4; step++) losses.push((await training.step(images, Int32Array.of(0, 1, 2, 3), { learningRate: 3e-3 })).loss);
      process.stdout.write('\\n@' + JSON.stringify({ logits, losses, key: runtime.deviceKey('compiled').xla }) + '\\n');
      process.exit(0);`;
    try {
      const output = execFileSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script],
        {
          encoding: 'utf8',
          env: {
            ...process.env,
            CUDA_VISIBLE_DEVICES: '-1',
            XLA_FLAGS: `--xla_dump_to=${dump} --xla_dump_hlo_as_text`,
          },
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
      return {
        ...(JSON.parse(output.slice(output.lastIndexOf('\n@') + 2)) as {
          logits: number[];
          losses: number[];
          key: boolean;
        }),
        clusters: readdirSync(dump).filter((name) => name.endsWith('before_optimizations.txt')).length,
      };
    } finally {
      rmSync(dump, { recursive: true, force: true });
    }
  }

  it('on request compiles parts of the graph, on a CPU too, and gives what TensorFlow gives', () => {
    const [without, compiled] = [inProcess(false), inProcess(true)];
    expect([without.clusters, without.key, compiled.key]).toEqual([0, false, true]);
    expect(compiled.clusters).toBeGreaterThan(1);
    expect(relativeError(compiled.logits, without.logits)).toBeLessThan(1e-5);
    expect(relativeError(compiled.losses, without.losses)).toBeLessThan(1e-4);
  });
});
