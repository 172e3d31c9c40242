/**
 * The engine's own kernels where inputs do not fit, memory runs out, or numbers become denormal: a status of
 * TensorFlow or a result, never the end of the process.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOfError } from '../../src/runtime/child/failure.js';
import { attr, type NativeEngine, type OpAttr, type Tensor } from '../../src/runtime/tfjs/native-engine.js';
import { floatType } from '../../src/runtime/tfjs/ops/differentiable.js';
import { locateEngine } from '../../src/setup/engine/locate-engine.js';
import { loadKernels } from '../../src/setup/engine/processor-kernels.js';
import { engineFolder, noise, openPlatform } from './platforms.js';

const child = join(import.meta.dirname, 'exhausted-child.ts');
const hasPrlimit = existsSync('/usr/bin/prlimit');

/** Outputs of ops that have several. */
const outputs: Readonly<Record<string, number>> = { StagecraftLayerNorm: 3, StagecraftMoments: 4 };

const engine = engineFolder ? (await openPlatform('native')).native! : (undefined as unknown as NativeEngine);

describe.skipIf(!engine?.kernels.size)('own kernels', () => {
  const tensor = (...shape: number[]): Tensor =>
    engine.tf.tensor(noise('guard', Math.max(0, engine.tf.util.sizeFromShape(shape))), shape);
  const channels = (count: number, times: number): Tensor[] =>
    Array.from({ length: times }, () => tensor(count));
  const act = attr.int('act', 1);
  const epsilon = attr.float('epsilon', 1e-5);
  const pad = attr.int('pad', 0);
  const depthwise = (...sides: readonly string[]): OpAttr[] =>
    [...sides, 'stride', 'top', 'left'].map((name) => attr.int(name, 3));

  const refused: [string, string, OpAttr[], () => Tensor[], RegExp][] = [
    [
      'a short gamma',
      'StagecraftNorm',
      [floatType, act, epsilon],
      () => [tensor(2, 4, 8), ...channels(8, 2), ...channels(3, 2)],
      /as many entries as there are channels/,
    ],
    [
      'a short gamma of a layer norm',
      'StagecraftLayerNorm',
      [floatType, epsilon],
      () => [tensor(4, 8), tensor(2), tensor(8)],
      /as many entries/,
    ],
    [
      'moments of an empty batch',
      'StagecraftMoments',
      [floatType, attr.float('momentum', 0.1)],
      () => [tensor(0, 4, 8), ...channels(8, 2)],
      /at least one value/,
    ],
    [
      'a depthwise gradient of other images',
      'StagecraftDepthwiseFilterGrad',
      depthwise('kernel_height', 'kernel_width'),
      () => [tensor(2, 6, 6, 16), tensor(3, 6, 6, 16)],
      /the images and channels of the input/,
    ],
    [
      'a depthwise filter with a multiplier',
      'StagecraftDepthwiseInputGrad',
      depthwise('height', 'width'),
      () => [tensor(1, 6, 6, 16), tensor(3, 3, 8, 2)],
      /the shape \[height, width, channels, 1\]/,
    ],
    [
      '3×3 over one pixel',
      'StagecraftConvolution',
      [pad],
      () => [tensor(1, 1, 1, 16), tensor(3, 3, 16, 16)],
      /two pixels a side/,
    ],
    [
      '3×3 by Winograd over one pixel',
      'StagecraftWinograd',
      [act, pad],
      () => [tensor(1, 1, 1, 16), tensor(16, 16, 16), tensor(0)],
      /two pixels a side/,
    ],
    [
      'channels that are no whole vectors',
      'StagecraftConvolution',
      [pad],
      () => [tensor(1, 4, 4, 16), tensor(3, 3, 16, 5)],
      /whole vectors/,
    ],
  ];
  it.each(refused)('%s is refused', (_, op, attrs, inputs, reason) => {
    expect(() => engine.run(op, attrs, inputs(), outputs[op] ?? 1)).toThrow(reason);
  });

  const empty: [string, string, OpAttr[], () => Tensor[], number[]][] = [
    [
      'an empty batch of a norm',
      'StagecraftNorm',
      [floatType, act, epsilon],
      () => [tensor(0, 4, 8), ...channels(8, 4)],
      [0, 4, 8],
    ],
    [
      'the gradient of a filter without output channels',
      'StagecraftConvolutionFilterGrad',
      [pad],
      () => [tensor(1, 4, 4, 16), tensor(1, 2, 2, 0)],
      [3, 3, 16, 0],
    ],
    [
      '3×3 over two pixels',
      'StagecraftConvolution',
      [pad],
      () => [tensor(1, 2, 2, 16), tensor(3, 3, 16, 16)],
      [1, 0, 0, 16],
    ],
    [
      'an empty batch by Winograd',
      'StagecraftWinograd',
      [act, pad],
      () => [tensor(0, 8, 8, 16), tensor(16, 16, 16), tensor(0)],
      [0, 6, 6, 16],
    ],
    ['an empty batch of a mean', 'StagecraftMean', [floatType], () => [tensor(0, 8, 8, 16)], [0, 16]],
  ];
  it.each(empty)('%s gives an empty result', (_, op, attrs, inputs, shape) => {
    expect(engine.op(op, attrs, inputs()).shape).toEqual(shape);
  });

  it('AdamW without gradients, 1,000 steps: the bits of one thread and of two', () => {
    const size = 50_000;
    const steps = (threads: number): Uint8Array => {
      loadKernels(locateEngine()!, threads);
      const { tf } = engine;
      const scalar = (value: number) => tf.scalar(value);
      const gradient = tf.zeros([size]);
      let [weight, first, second] = [tensor(size), tensor(size), tf.abs(tensor(size))];
      for (let step = 0; step < 1000; step++) {
        const inputs = [
          scalar(0),
          scalar(1e-3),
          scalar(0.05),
          scalar(0.5),
          scalar(0.5),
          scalar(1e-8),
          weight,
          first,
          second,
          gradient,
        ];
        const attrs = [
          attr.int('N', 1),
          attr.float('beta1', 0.9),
          attr.float('beta2', 0.9),
          attr.float('clip', 0),
          attr.int('decays', [1]),
        ];
        const moved = engine.run('StagecraftAdamW', attrs, inputs, 3);
        tf.dispose([weight, first, second, ...inputs.slice(0, 6)]);
        [weight, first, second] = moved as [Tensor, Tensor, Tensor];
      }
      const bits = Buffer.concat(
        [weight, first, second].map((each) => Buffer.from((each.dataSync() as Float32Array).buffer)),
      );
      expect(Math.max(...(first.dataSync() as Float32Array)), 'moments that are flushed').toBe(0);
      return bits;
    };
    expect(Buffer.compare(steps(1), steps(2))).toBe(0);
  });

  it.each([
    [8, 28, 64, 64],
    [2, 14, 256, 48],
    [8, 56, 16, 32],
  ])(
    "Winograd's gradient of a filter, %i maps of %i pixels, %i → %i channels: the bits of 1, 2 and 3 threads",
    (b, side, cin, cout) => {
      const [x, dy] = [tensor(b, side, side, cin), tensor(b, side, side, cout)];
      const bits = [1, 2, 3].map((threads) => {
        loadKernels(locateEngine()!, threads);
        const gradient = engine.op('StagecraftWinogradFilterGrad', [attr.int('pad', 1)], [x, dy]);
        return Buffer.from((gradient.dataSync() as Float32Array).slice().buffer);
      });
      loadKernels(locateEngine()!, 2);
      expect(bits[1]!.equals(bits[0]!) && bits[2]!.equals(bits[0]!)).toBe(true);
    },
  );

  it.each([
    [8, 28, 5, 40],
    [2, 56, 3, 16],
    [1, 7, 7, 1152],
  ])(
    'gradients of a depthwise convolution, %i maps of %i pixels, %i taps a side, %i channels: the bits of 1, 2 and 3 threads',
    (b, side, taps, c) => {
      const [x, filter, dy] = [tensor(b, side, side, c), tensor(taps, taps, c, 1), tensor(b, side, side, c)];
      const before = (taps - 1) / 2;
      const sides = (height: string, width: string, size: number): OpAttr[] =>
        Object.entries({ [height]: size, [width]: size, stride: 1, top: before, left: before }).map(
          ([name, value]) => attr.int(name, value),
        );
      const bits = [1, 2, 3].map((threads) => {
        loadKernels(locateEngine()!, threads);
        const gradients = [
          engine.op('StagecraftDepthwiseFilterGrad', sides('kernel_height', 'kernel_width', taps), [x, dy]),
          engine.op('StagecraftDepthwiseInputGrad', sides('height', 'width', side), [dy, filter]),
        ];
        return Buffer.concat(
          gradients.map((gradient) => Buffer.from((gradient.dataSync() as Float32Array).slice().buffer)),
        );
      });
      loadKernels(locateEngine()!, 2);
      expect(bits[1]!.equals(bits[0]!) && bits[2]!.equals(bits[0]!)).toBe(true);
    },
  );

  it.skipIf(!hasPrlimit)(
    'a limit on memory ends a kernel in a status that reads as out of memory',
    () => {
      const { status, signal, stdout } = spawnSync(process.execPath, ['--import', 'tsx', child], {
        encoding: 'utf8',
        timeout: 120_000,
      });
      expect({ status, signal }).toEqual({ status: 0, signal: null });
      const said = JSON.parse(stdout.split('\n').findLast((line) => line.startsWith('{'))!) as Record<
        string,
        string
      >;
      expect(Object.keys(said)).toEqual(['StagecraftActivation', 'StagecraftWinograd']);
      for (const text of Object.values(said))
        expect(failureOfError(new Error(text)).status).toBe('out-of-memory');
    },
    180_000,
  );
});
