/**
 * Scores on the test split, for each task: who has one, what the report's sentence says, and that nothing is
 * ranked by them.
 */
import { describe, expect, it } from 'vitest';
import { mainScore, score } from '../../../src/analysis/objectives/result-score.js';
import { testedCandidates, testOf, testSentence } from '../../../src/analysis/objectives/test-split.js';
import { conclusionsOf } from '../../../src/analysis/summary/conclusions.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { denoisingResult, segmentationResult, withTests } from '../../fixtures/task-results.js';

const tasks = {
  classification: fixtureResult({ failures: false }),
  segmentation: segmentationResult(),
  denoising: denoisingResult(),
};
const said = { classification: 'top-1 61 %', segmentation: 'mIoU 43 %', denoising: 'loss 0.290' };

describe.each(Object.entries(tasks))('the test split of a %s', (task, result) => {
  const shown = mainScore(result);
  it('says nothing where nobody looked', () => {
    expect(testedCandidates(result, shown)).toEqual([]);
    expect(testSentence(result, shown)).toBeUndefined();
    expect(conclusionsOf(result).sentences.join()).not.toContain('test split');
  });
  it("is told of the tested layout by the task's score, the mean of its seeds", () => {
    const tested = withTests(result, [4]);
    const [only, ...others] = testedCandidates(tested, shown);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ candidate: { layout: result.candidates[4]!.layout }, count: 500 });
    expect(only!.seeds.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    expect(testSentence(tested, shown)).toBe(
      `On the test split (500 images) ${result.candidates[4]!.layout} has ${said[task as keyof typeof said]} (mean of 3 seeds).`,
    );
    expect(conclusionsOf(tested).sentences).toContain(testSentence(tested, shown));
  });
  it('says how often it was looked at, and moves no front and no order', () => {
    const tested = withTests(result, [0, 1, 2, 5]);
    expect(testSentence(tested, shown)).toMatch(/ and so on; 4 layouts were evaluated on it\.$/);
    expect(conclusionsOf(tested).front.front).toEqual(conclusionsOf(result).front.front);
    expect(conclusionsOf(tested).headline).toBe(conclusionsOf(result).headline);
  });
});

it('testOf has no value where the split has no such score', () => {
  const test = { loss: 0.29, count: 500, at: '2026-01-03' };
  expect([
    testOf(score('loss'), test),
    testOf(score('top-1'), test),
    testOf(score('miou'), test),
    testOf(score('loss'), undefined),
  ]).toEqual([0.29, undefined, undefined, undefined]);
});
