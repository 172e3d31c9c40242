/**
 * The score of a result by its objectives and by its task, and that its direction reaches front, groups and
 * findings.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { objective } from '../../../src/analysis/objectives/objectives.js';
import { mainScore, score, scoreAmong } from '../../../src/analysis/objectives/result-score.js';
import { frontOf } from '../../../src/analysis/pareto/pareto-front.js';
import { conclusionsOf } from '../../../src/analysis/summary/conclusions.js';
import { compareSymmetry } from '../../../src/analysis/summary/symmetry-comparison.js';
import type { CandidateResult, ExperimentResult } from '../../../src/store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { withSeedMeans } from '../../../src/store/pool-seeds.js';
import { seededRandom } from '../../../src/util/random.js';
import { createDatabase } from '../../fixtures/experiment-database.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { denoisingResult, segmentationResult } from '../../fixtures/task-results.js';

const folder = mkdtempSync(join(tmpdir(), 'score-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Written by the store's own functions and read back. */
function stored(name: string, result: ExperimentResult): ExperimentResult {
  const file = join(folder, `${name}.sqlite`);
  createDatabase(file, result).record(Infinity);
  const store = openStore(file, { readonly: true });
  try {
    return readExperimentResult(store);
  } finally {
    store.close();
  }
}

const [segmentation, denoising] = [
  stored('segmentation', segmentationResult()),
  stored('denoising', denoisingResult()),
];
const template = denoising.candidates[0]!;
/** A candidate of one seed with a loss. */
const made = (
  loss: number,
  macs: number,
  symmetry: CandidateResult['symmetry'] = 'symmetric',
): CandidateResult =>
  withSeedMeans([{ ...template, macs, symmetry, scores: [{ ...template.scores[0]!, loss }] }], 1000)[0]!;

describe('mainScore', () => {
  it('is the first score among the objectives', () => {
    expect([segmentation, denoising].map((result) => mainScore(result).id)).toEqual(['miou', 'loss']);
    expect(
      mainScore({
        ...segmentation,
        experiment: { ...segmentation.experiment, objectives: ['macs', 'top-1', 'miou'] },
      }).id,
    ).toBe('top-1');
    expect(mainScore(fixtureResult()).id).toBe('top-1');
  });
  it('goes by what the task measured where the objectives name none, or one that no training has', () => {
    const under = (result: ExperimentResult, objectives: string[]): string =>
      mainScore({ ...result, experiment: { ...result.experiment, objectives } }).id;
    expect(
      [segmentation, denoising, fixtureResult()].map((result) => under(result, ['latency@1', 'macs'])),
    ).toEqual(['miou', 'loss', 'top-1']);
    expect(under(denoising, ['top-1', 'macs'])).toBe('loss');
    expect(under(fixtureResult(), ['miou', 'macs'])).toBe('top-1');
  });
  it('mean IoU needs every scored candidate to have it', () => {
    const [first, ...rest] = segmentation.candidates;
    const { miou: _, ...old } = first!.scores[0]!;
    expect(scoreAmong([], [...rest.flatMap(({ scores }) => scores), old]).id).toBe('top-1');
  });
  it('stands by the objectives while nothing is scored', () =>
    expect(mainScore({ ...denoising, candidates: [] }).id).toBe('loss'));
});

describe('a score read of network, seed and epoch', () => {
  it('miou is the mean over seeds within 0 and 1, loss has no interval with one seed', () => {
    const { scores } = segmentation.candidates[0]!;
    const at = score('miou').read(segmentation.candidates[0]!)!;
    expect(at.value).toBeCloseTo(scores.reduce((sum, { miou }) => sum + miou!, 0) / scores.length, 12);
    const wide = {
      ...template,
      scores: [
        { ...template.scores[0]!, miou: 0.05 },
        { ...template.scores[0]!, miou: 0.9 },
      ],
    };
    expect(score('miou').read(withSeedMeans([wide], 1000)[0]!)).toMatchObject({ low: 0, high: 1 });
    expect(score('loss').read(made(0.4, 1))).toMatchObject({ value: 0.4, unknown: true });
  });
  it('of a seed and an epoch: undefined where the task has none', () => {
    const [seed] = template.scores;
    expect([score('top-1').ofSeed(seed!), score('miou').ofSeed(seed!)]).toEqual([undefined, undefined]);
    expect(score('loss').ofSeed(seed!)).toBe(seed!.loss);
    expect(score('top-1').ofEpoch(seed!.curve[0]!)).toBeUndefined();
    expect(score('miou').ofEpoch(segmentation.candidates[0]!.scores[0]!.curve[0]!)).toBeCloseTo(
      1 - segmentation.candidates[0]!.scores[0]!.curve[0]!.validationTop1!,
      12,
    );
  });
  it('texts carry unit and points where there are any', () => {
    expect([score('miou').valueText(0.4321), score('loss').valueText(0.4321)]).toEqual(['43.2 %', '0.432']);
    const difference = { value: -0.02, low: -0.03, high: -0.01 };
    expect([score('miou'), score('loss')].map((each) => each.differenceText(difference))).toEqual([
      '−2.0 [−3.0, −1.0] points of mIoU',
      '−0.020 [−0.030, −0.010] of loss',
    ]);
  });
});

describe('direction of the loss', () => {
  it('the front is of the lowest, the hypervolume reaches up to the highest', () => {
    const front = frontOf(
      [made(0.5, 100), made(0.3, 200), made(0.4, 300), made(0.6, 250)],
      objective('macs'),
      score('loss'),
    );
    expect(front.front).toEqual([0, 1]);
    expect(front.hypervolume!.reference[0]).toBeCloseTo(320, 9);
    expect(front.hypervolume!.reference[1]).toBeCloseTo(0.63, 12);
    expect(front.hypervolume!.value).toBeCloseTo(0.13 * 100 + 0.33 * 120, 9);
  });
  it('groups: the kind of the lower loss is the better', () => {
    const candidates = Array.from({ length: 16 }, (_, i) =>
      made(0.5 - (i % 2) * 0.1 + (i % 3) * 0.005, 100 + i, i % 2 ? 'asymmetric' : 'symmetric'),
    );
    const groups = (of: readonly CandidateResult[]) =>
      compareSymmetry(of, score('loss'), objective('macs'), seededRandom(1));
    expect(groups(candidates)).toMatchObject({
      overall: { verdict: 'asymmetric better' },
      matched: { verdict: 'asymmetric better' },
    });
    expect(groups(candidates).overall.interval!.high).toBeLessThan(0);
    const turned = candidates.map((each) => ({
      ...each,
      symmetry: each.symmetry === 'symmetric' ? ('asymmetric' as const) : ('symmetric' as const),
    }));
    expect(groups(turned).overall.verdict).toBe('symmetric better');
    const { headline, sentences } = conclusionsOf({ ...denoising, candidates });
    expect(headline).toMatch(
      /^At matched MACs, asymmetric layouts reach a lower validation loss than symmetric ones: −0\.\d+ \[−0\.\d+, −0\.\d+\] of loss \(8 pairs\)\.$/,
    );
    expect(sentences.join(' ')).toContain('The lowest validation loss is 0.400 (one seed)');
    expect(sentences.join(' ')).toMatch(
      /8 asymmetric layouts average 0\.40\d+ ± 0\.00\d+, 8 symmetric ones 0\.50\d+ ± 0\.00\d+: −0\.\d+ \[.*\] of loss, a difference of 0\.\d+\./,
    );
  });
});

it('findings of a segmentation speak of mean IoU, of the layout that has the most, and never of top-1', () => {
  const { headline, sentences, front } = conclusionsOf(segmentation);
  const best = segmentation.candidates.reduce((a, b) =>
    score('miou').read(a)!.value >= score('miou').read(b)!.value ? a : b,
  );
  expect(front.y.id).toBe('miou');
  expect(sentences.join(' ')).toMatch(
    new RegExp(`The highest mean IoU is [\\d.]+ ± [\\d.]+ % \\(mean of 3 seeds\\), by ${best.layout} `),
  );
  expect([headline, ...sentences].join(' ')).not.toMatch(/top-1|accuracy/);
});
