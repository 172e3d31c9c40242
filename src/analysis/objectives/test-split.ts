/** Scores on the test split: one number per seed, by the score of the result. Never used to rank networks. */
import { mean } from 'simple-statistics';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { Score } from './result-score.js';

type SeedTest = NonNullable<CandidateResult['scores'][number]['test']>;

/** As stored, a fraction or a loss; undefined where there is no test result or the task has no such score. */
export const testOf = (score: Score, test: SeedTest | undefined): number | undefined =>
  test && score.ofSeed(test);

export interface TestedCandidate {
  readonly candidate: CandidateResult;
  /** By seed, those that were tested. */
  readonly seeds: readonly { readonly seed: number; readonly value: number }[];
  readonly mean: number;
  /** Images of the split. */
  readonly count: number;
}

/** Candidates whose trainings were scored on the test split, in the order given. */
export function testedCandidates(
  { candidates }: Pick<ExperimentResult, 'candidates'>,
  score: Score,
): TestedCandidate[] {
  return candidates.flatMap((candidate): TestedCandidate[] => {
    const seeds = candidate.scores.flatMap(({ seed, test }) => {
      const value = testOf(score, test);
      return value === undefined ? [] : [{ seed, value }];
    });
    if (seeds.length === 0) return [];
    return [
      {
        candidate,
        seeds,
        mean: mean(seeds.map(({ value }) => value)),
        count: candidate.scores.find(({ test }) => test)!.test!.count,
      },
    ];
  });
}

/** Number of layouts named in one sentence. */
const named = 3;

/** `On the test split (500 images) C-CT-TT has loss 0.0968.`; undefined without test results. */
export function testSentence(result: Pick<ExperimentResult, 'candidates'>, score: Score): string | undefined {
  const tested = testedCandidates(result, score);
  if (tested.length === 0) return undefined;
  const each = tested
    .slice(0, named)
    .map(
      ({ candidate, seeds, mean }) =>
        `${candidate.layout} has ${score.short} ` +
        `${score.valueText(mean)}${seeds.length > 1 ? ` (mean of ${seeds.length} seeds)` : ''}`,
    );
  const looks = tested.length > 1 ? `; ${tested.length} layouts were evaluated on it` : '';
  return (
    `On the test split (${tested[0]!.count} images) ` +
    `${each.join(', ')}${tested.length > named ? ' and so on' : ''}${looks}.`
  );
}
