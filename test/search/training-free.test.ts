/** Entropy of layouts in closed form, and the training-free search on a space file. */
import { describe, expect, it } from 'vitest';
import { networkEntropy } from '../../src/network/network-entropy.js';
import { openStudy } from '../../src/search/api.js';
import { layoutSpace } from '../../src/search/spaces/layout-space.js';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';

const text = (layouts: string) => `space tiny
  input 32x32x3  classes 10
  block C = fused-mbconv(expand: 4, kernel: 3)
  block T = transformer(head-dim: 16, mlp: 4)
  stem conv(width: 16, stride: 1)
  stage 1  width 16  ${layouts}
  stage 2  width 32  C? (C | T){1,2}
  head pool-linear
`;
const compiled = (layouts: string) => spaceFromText(text(layouts), 'tiny.space').space!;

describe('networkEntropy', () => {
  it('of one fused block per stage equals the closed form', () => {
    const space = compiled('C');
    const architecture = [...space.enumerate()].find(
      ({ stages }) => stages[1]!.blocks.length === 1 && stages[1]!.blocks[0]!.letter === 'C',
    )!;
    const { entropy, effectiveness } = networkEntropy(architecture);
    // The stem's two convolutions and the block's; the downsampling layer's and the block's, at width 32.
    const first = [9 * 3, 9 * 16, 9 * 16, 64].map(Math.log);
    const second = [9 * 16, 9 * 32, 128].map(Math.log);
    const sum = (logs: readonly number[]) => logs.reduce((total, log) => total + log, 0);
    const weighted =
      (Math.log(16 * 32 * 32) * sum(first)) / 2 +
      (8 * Math.log(32 * 16 * 16) * (sum(first) + sum(second))) / 2;
    expect(entropy).toBeCloseTo(weighted - 10 * Math.exp(0.5), 6);
    expect(effectiveness).toBeCloseTo(4 / Math.exp((sum(first) + sum(second)) / 7), 9);
  });
  it('grows with depth, and transformer blocks count four linear layers', () => {
    const members = [...compiled('C').enumerate()];
    const layers = (letters: string) => {
      const found = members.find(
        ({ stages }) => stages[1]!.blocks.map(({ letter }) => letter).join('') === letters,
      )!;
      return networkEntropy(found).entropy;
    };
    expect(layers('CC')).toBeGreaterThan(layers('C'));
    expect(layers('CT')).not.toBe(layers('CC'));
  });
});

describe('training-free', () => {
  it('proposes members of the front of entropy and MACs first, within its limit of effectiveness', () => {
    const space = layoutSpace(compiled('C{1,3}'));
    const members = [...space.enumerate()];
    const point = (candidate: (typeof members)[0]) =>
      ({
        ...space.trainingFree!(candidate),
        macs: space.exact(candidate)['macs']!,
      }) as Record<'entropy' | 'effectiveness' | 'macs', number>;
    const limits = members.map((member) => point(member).effectiveness).sort((a, b) => a - b);
    const limit = limits[Math.floor(limits.length / 2)]!;
    const study = openStudy({
      space,
      objectives: [
        { name: 'accuracy', better: 'higher' },
        { name: 'macs', better: 'lower' },
      ],
      strategy: 'training-free',
      params: { effectiveness: limit },
      budget: 4,
    });
    const legal = members.map(point).filter(({ effectiveness }) => effectiveness <= limit);
    for (let trial = study.ask(); trial; trial = study.ask()) {
      const own = point(trial.candidate);
      expect(own.effectiveness).toBeLessThanOrEqual(limit);
      expect(legal.some(({ entropy, macs }) => entropy > own.entropy && macs < own.macs)).toBe(false);
      study.tell(trial.number, { accuracy: 0.5 });
    }
    const best = study.history.trials.map(({ candidate }) => point(candidate).entropy);
    const drawn = Array.from({ length: 50 }, (_, seed) => point(space.sample(seededRandom(seed))).entropy);
    expect(Math.max(...best)).toBeGreaterThanOrEqual(drawn.reduce((sum, one) => sum + one, 0) / 50);
  });
  it('names the scores that the space gives', () => {
    const space = layoutSpace(compiled('C'));
    const objectives = [{ name: 'accuracy', better: 'higher' }] as const;
    const study = openStudy({ space, objectives, strategy: 'training-free', params: { score: 'entropie' } });
    expect(() => study.ask()).toThrow('training-free: score must be one that tiny gives without training');
  });
});
