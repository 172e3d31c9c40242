/**
 * Verdicts on the times of neighbouring networks of a front: FASTER, SLOWER, SAME (an equivalence test within
 * the declared relevance) or NOT TOLD APART, corrected for the number of pairs as in
 * `util/statistics/verdict.ts`.
 */
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type Comparison, judgeRatios } from '../../util/statistics/verdict.js';
import type { Front } from '../pareto/pareto-front.js';
import { percent } from './resolution-text.js';

type Run = Pick<ExperimentResult, 'candidates' | 'resolutions' | 'relevance'>;

/**
 * One verdict for each pair of neighbours on the front, by rising cost, of the first against the second.
 * @returns undefined where the cost is no throughput, or its times may not be compared
 */
export function neighbourVerdicts(
  { candidates, resolutions, relevance }: Run,
  { x, front }: Pick<Front, 'x' | 'front'>,
): Comparison[] | undefined {
  const run = resolutions.find(({ batch }) => batch === x.batch);
  if (x.name !== 'images-per-second' || !run || run.anchors?.biased) return undefined;
  const standardError = run.residual * Math.sqrt(2 / run.launches);
  const times = front.map(
    (index) => candidates[index]?.profiles.find(({ batch }) => batch === x.batch)?.stepMs,
  );
  const ratios = times.slice(1).flatMap((second, index) => {
    const first = times[index];
    if (!first || !second) return [];
    const samples = Math.min(first.samples, second.samples);
    return [{ log: Math.log(first.value / second.value), standardError, freedom: run.freedom, samples }];
  });
  return judgeRatios(ratios, { relevance });
}

/**
 * Which neighbours of the front differ in time; undefined without two of them, or where all differ.
 * @example 'neighbours on the front, in time at batch 16: one pair differs, 2 pairs are the SAME within 1 %.'
 */
export function timeVerdictSentence(run: Run, front: Pick<Front, 'x' | 'front'>): string | undefined {
  const found = neighbourVerdicts(run, front) ?? [];
  const countOf = (...wanted: readonly Comparison['verdict'][]): number =>
    found.filter(({ verdict }) => wanted.includes(verdict)).length;
  const [differ, same, open] = [countOf('FASTER', 'SLOWER'), countOf('SAME'), countOf('NOT TOLD APART')];
  if (same + open === 0) return undefined;
  const part = (count: number, one: string, many: string, rest = ''): string[] =>
    count === 0 ? [] : [`${count === 1 ? `one pair ${one}` : `${count} pairs ${many}`}${rest}`];
  const widest = Math.max(...found.map(({ resolution }) => resolution));
  const parts = [
    ...part(differ, 'differs', 'differ'),
    ...part(same, 'is', 'are', ` the SAME within ${percent(run.relevance)}`),
    ...part(open, 'is', 'are', ` NOT TOLD APART (within ${percent(widest)})`),
  ];
  return `neighbours on the front, in time at batch ${front.x.batch}: ${parts.join(', ')}.`;
}
