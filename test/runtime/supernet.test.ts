/** Members of a supernet on the engine: equal to stand-alone networks, trained by shared weights. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { SupernetPlan } from '../../src/network/supernet/supernet-plan.js';
import type { Runtime, SupernetModel, TrainingOptions } from '../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../src/runtime/tfjs/tfjs-runtime.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { coveringMembers, extremeMember } from '../../src/space/inspect/covering-members.js';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import { engineFolder, noise, openPlatform, product, relativeDifference } from './platforms.js';

/** Norms of both kinds, heads, depthwise filters of three sizes, squeeze-excitation, elastic depth. */
const space: CompiledSpace = spaceFromText(
  `space elastic
  input 16x16x3
  classes 5
  block C = fused-mbconv(expand: {1, 2}, kernel: 3)
  block M = mbconv(expand: {1, 2, 3}, kernel: {3, 5, 7}, se: {0, 0.25})
  block N = convnext(kernel: {3, 5})
  block T = transformer(head-dim: 4, mlp: {1, 2})
  stem conv(width: {4, 8}, layers: 1, stride: 2)
  stage 1  width {4, 8}       (C | M){1,2}
  stage 2  width {8, 12, 16}  (M | N | T){1,3}
  head pool-linear
`,
  'elastic.space',
).space!;
const batch = 4;
const imageSize = product([batch, 16, 16, 3]);
const images = (name: string | number): Float32Array => noise(`images ${name}`, imageSize);
const labels = (step: number): Int32Array =>
  Int32Array.from({ length: batch }, (_, index) => (index * 3 + step) % 5);
const options: TrainingOptions = {
  batch,
  execution: 'eager',
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0,
  seed: 3,
  accumulate: 2,
};
const members = (count: number, seed: string): Architecture[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => space.sample(random));
};

describe.skipIf(!engineFolder)('supernet on the engine', () => {
  let runtime: Runtime;
  let plan: SupernetPlan;
  const open = (path?: (step: number, part: number) => Architecture): SupernetModel =>
    runtime.instantiateSupernet(plan, {
      seed: 7,
      shown: extremeMember(space, 'most'),
      calibration: [images('calibration 1'), images('calibration 2')],
      path: path ?? ((step, part) => members(1, `path ${step} ${part}`)[0]!),
    });
  const step = async (training: ReturnType<SupernetModel['training']>, at: number): Promise<number> => {
    const settings = { learningRate: 5e-3 };
    await training.accumulate!(images(2 * at), labels(2 * at), settings);
    return (await training.step(images(2 * at + 1), labels(2 * at + 1), settings)).loss;
  };

  beforeAll(async () => {
    runtime = new TfjsRuntime(await openPlatform('native'), 2, 'test');
    plan = new SupernetPlan(coveringMembers(space));
  });
  it('member(architecture): its logits are those of a stand-alone network with its slices, to 1e-6', async () => {
    const supernet = open();
    const training = supernet.training(options);
    for (let at = 0; at < 3; at++) await step(training, at);
    const drawn = [extremeMember(space, 'most'), extremeMember(space, 'fewest'), ...members(8, 'members')];
    const sizes = new Set<number>();
    for (const architecture of drawn) {
      const member = await supernet.member(architecture);
      const alone = runtime.instantiate(architecture, { seed: 1 });
      alone.writeWeights(member.readWeights());
      const inference = alone.inference({ batch, execution: 'eager' });
      const own = await member.logits(images('test'));
      expect(relativeDifference(own, await inference.logits(images('test')))).toBeLessThan(1e-6);
      sizes.add(alone.parameterCount);
      inference.dispose();
      alone.dispose();
      member.dispose();
    }
    expect(sizes.size).toBeGreaterThan(6);
    training.dispose();
    supernet.dispose();
  });

  it('member(architecture): a member that needs no cut has the shared weights', async () => {
    const supernet = open();
    const most = extremeMember(space, 'most');
    const member = await supernet.member(most);
    const shared = await supernet.readWeights();
    let equal = 0;
    for (const [path, { shared: name, shape }] of plan.slices(most)) {
      const whole = shared.get(name)!;
      if (shape.join() !== whole.shape.join()) continue;
      expect(member.readWeights().get(path)!.values).toEqual(whole.values);
      equal++;
    }
    expect(equal).toBeGreaterThan(20);
    supernet.dispose();
  });

  it('training: a step moves weights of its members alone, and the leading entries of cut ones', async () => {
    const smallest = extremeMember(space, 'fewest');
    const supernet = open(() => smallest);
    const before = await supernet.readWeights();
    const training = supernet.training(options);
    await step(training, 0);
    const after = await supernet.readWeights();
    const slices = [...plan.slices(smallest).values()];
    for (const [path, { values }] of before) {
      const moved = after.get(path)!.values.some((value, at) => value !== values[at]);
      if (!slices.some(({ shared }) => shared === path)) expect(moved, path).toBe(false);
    }
    const stem = slices.find(({ shared }) => shared.startsWith('stem:') && shared.endsWith('filter'))!;
    const [was, is] = [before.get(stem.shared)!, after.get(stem.shared)!];
    const channels = was.shape.at(-1)!;
    expect(stem.shape.at(-1)).toBe(channels / 2);
    const decayed = (value: number): number => value * (1 - 5e-3 * 0.05);
    is.values.forEach((value, at) => {
      if (at % channels >= channels / 2) expect(value).toBeCloseTo(decayed(was.values[at]!), 6);
    });
    expect(is.values.some((value, at) => Math.abs(value - decayed(was.values[at]!)) > 1e-3)).toBe(true);
    training.dispose();
    supernet.dispose();
  });

  it('training: resumed from weights and state, it goes on bit for bit; the loss falls', async () => {
    const supernet = open();
    const training = supernet.training(options);
    const losses: number[] = [];
    for (let at = 0; at < 3; at++) losses.push(await step(training, at));
    const weights = await supernet.readWeights();
    const state = await training.readState();
    for (let at = 3; at < 6; at++) losses.push(await step(training, at));
    const resumed = open();
    resumed.writeWeights(weights);
    const again = resumed.training(options);
    again.writeState(state);
    const repeated: number[] = [];
    for (let at = 3; at < 6; at++) repeated.push(await step(again, at));
    expect(repeated).toEqual(losses.slice(3));
    expect((await resumed.readWeights()).get('head:pool-linear/linear/kernel')?.values).toEqual(
      (await supernet.readWeights()).get('head:pool-linear/linear/kernel')?.values,
    );
    for (const each of [training, again, supernet, resumed]) each.dispose();
  });

  it('calibration: two batches give the statistics of both together', async () => {
    const [a, b] = [images('calibration 1'), images('calibration 2')];
    const most = extremeMember(space, 'most');
    const stem = async (calibration: readonly Float32Array[]): Promise<Map<string, Float32Array>> => {
      const options = { seed: 7, shown: most, calibration, path: () => most };
      const supernet = runtime.instantiateSupernet(plan, options);
      const weights = (await supernet.member(most)).readWeights();
      supernet.dispose();
      return new Map(
        [...weights]
          .filter(([path, { trainable }]) => !trainable && path.startsWith('stem'))
          .map(([path, { values }]) => [path.split('/').at(-1)!, values]),
      );
    };
    const [apart, together] = [await stem([a, b]), await stem([Float32Array.of(...a, ...b)])];
    expect(relativeDifference(apart.get('running-mean')!, together.get('running-mean')!)).toBeLessThan(1e-5);
    const [variance, expected] = [apart.get('running-variance')!, together.get('running-variance')!];
    expect(relativeDifference(variance, expected)).toBeLessThan(0.01); // n − 1 of one batch against two
    const [first] = [await stem([a])];
    expect(relativeDifference(first.get('running-mean')!, together.get('running-mean')!)).toBeGreaterThan(
      1e-3,
    );
  });

  it('training: leaves no tensor behind', async () => {
    const { tf } = (runtime as TfjsRuntime).platform;
    const supernet = open();
    const training = supernet.training(options);
    await step(training, 0);
    const held = tf.memory().numTensors;
    for (let at = 1; at < 4; at++) await step(training, at);
    const member = await supernet.member(members(1, 'kept')[0]!);
    await member.logits(images('test'));
    member.dispose();
    expect(tf.memory().numTensors).toBe(held);
    training.dispose();
    supernet.dispose();
  });
});

describe('supernet on the portable runtime', () => {
  it('a trained member computes what a stand-alone network with its slices does', async () => {
    const runtime = new TfjsRuntime(await openPlatform('cpu'), 1, 'test');
    const most = extremeMember(space, 'most');
    const supernet = runtime.instantiateSupernet(new SupernetPlan(coveringMembers(space)), {
      seed: 7,
      shown: most,
      calibration: [images('calibration 1')],
      path: () => extremeMember(space, 'fewest'),
    });
    const training = supernet.training({ ...options, accumulate: 1 });
    await training.step(images(1), labels(1), { learningRate: 5e-3 });
    const member = await supernet.member(extremeMember(space, 'fewest'));
    const alone = runtime.instantiate(member.architecture, { seed: 1 });
    alone.writeWeights(member.readWeights());
    const inference = alone.inference({ batch, execution: 'eager' });
    const own = await member.logits(images('test'));
    expect(relativeDifference(own, await inference.logits(images('test')))).toBeLessThan(1e-6);
    for (const each of [inference, alone, member, training, supernet]) each.dispose();
  });
});
