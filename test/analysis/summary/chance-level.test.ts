import { describe, expect, it } from 'vitest';
import { score } from '../../../src/analysis/objectives/result-score.js';
import { chanceLevel, chanceOf, chanceSentence } from '../../../src/analysis/summary/chance-level.js';
import { conclusionsOf } from '../../../src/analysis/summary/conclusions.js';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { withSeedMeans } from '../../../src/store/pool-seeds.js';
import { seededRandom } from '../../../src/util/random.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const images = 1000;
const base = fixtureResult({ candidates: 1, failures: false });

/** Networks with these top-1 scores, one array of seeds each, of ten classes. */
function resultOf(networks: readonly (readonly number[])[]): ExperimentResult {
  const [template] = base.candidates;
  const candidates = networks.map((seeds) => ({
    ...template!,
    scores: seeds.map((top1, index) => ({ ...template!.scores[0]!, seed: index + 1, top1 })),
  }));
  return {
    ...base,
    splits: [{ split: 'validation', count: images, hash: 'x' }],
    candidates: withSeedMeans(candidates, images),
  };
}
const top1 = score('top-1');
const chance = (result: ExperimentResult) => chanceOf(result, top1);

describe('chanceLevel', () => {
  const [candidate] = base.candidates;
  it('is 1 / classes for top-1 and ln classes for the loss of a classification', () => {
    expect(candidate!.architecture.classes).toBe(10);
    expect(chanceLevel(top1, candidate)).toBeCloseTo(0.1, 12);
    expect(chanceLevel(score('loss'), candidate)).toBeCloseTo(Math.log(10), 12);
  });
  it('is unknown for mean IoU', () => expect(chanceLevel(score('miou'), candidate)).toBeUndefined());
});

describe('chanceOf', () => {
  it('all at chance is the headline', () => {
    const result = resultOf([
      [0.1, 0.112],
      [0.094, 0.101],
      [0.108, 0.097],
    ]);
    expect(chance(result)).toMatchObject({ scored: 3, atChance: 3 });
    expect(conclusionsOf(result).headline).toBe(
      'All 3 networks are at chance (10 % with 10 classes): train longer.',
    );
  });
  it('some at chance is a sentence', () => {
    const result = resultOf([
      [0.1, 0.11],
      [0.6, 0.61],
    ]);
    const text = chanceSentence(top1, chance(result))!;
    expect(text).toBe('1 of 2 networks is at chance (10 % with 10 classes): their order says nothing.');
    expect(conclusionsOf(result).sentences).toContain(text);
    expect(conclusionsOf(result).headline).not.toContain('chance');
  });
  it('says nothing where all have learnt', () => {
    const result = resultOf([
      [0.5, 0.51],
      [0.6, 0.61],
    ]);
    expect(chanceSentence(top1, chance(result))).toBeUndefined();
  });
  it('the best of 40 networks that guess is at chance in at least 95 of 100 experiments', () => {
    const random = seededRandom('guessing');
    let missed = 0;
    for (let experiment = 0; experiment < 100; experiment++) {
      const guess = (): number => {
        let right = 0;
        for (let image = 0; image < images; image++) right += random.next() < 0.1 ? 1 : 0;
        return right / images;
      };
      const result = resultOf(Array.from({ length: 40 }, () => [guess()]));
      const found = chance(result)!;
      if (found.atChance < found.scored) missed++;
    }
    expect(missed).toBeLessThanOrEqual(5);
  });
  it('one seed at 13 % of 1,000 images is better than 10 %', () => {
    expect(chance(resultOf([[0.13]]))).toMatchObject({ atChance: 0 });
    expect(chance(resultOf([[0.11]]))).toMatchObject({ atChance: 1 });
  });
});
