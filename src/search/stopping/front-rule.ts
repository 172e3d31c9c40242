/**
 * Stops a training that can no longer reach the front: the upper bound of its predicted final score lies
 * below a finished network that costs no more. Without a measured cost it competes with every finished
 * network.
 */
import { predictFinalScore } from '../../analysis/ranking/score-extrapolation.js';
import type { AsynchronousRule } from './stopping-rule.js';

const params = {
  after: { kind: 'int', min: 1, max: 100_000, default: 1, doc: 'epochs that every training gets' },
  level: {
    kind: 'number',
    min: 0.5,
    max: 0.999,
    default: 0.95,
    doc: 'level of the interval of the predicted score',
  },
} as const;

export const front = {
  kind: 'asynchronous',
  summary: 'stops a training predicted to end below a finished network that costs no more',
  source: 'https://arxiv.org/abs/1705.10823',
  params,
  stops({ own, others, epochs }, { after, level }) {
    if (own.scores.length < after) return undefined;
    const finished = others.filter((curve) => curve.finished);
    const rivals = finished.filter(
      (curve) => own.cost === undefined || (curve.cost !== undefined && curve.cost <= own.cost),
    );
    if (rivals.length === 0) return undefined;
    const bar = Math.max(...rivals.map(({ scores }) => scores.at(-1)!));
    const predicted = predictFinalScore(
      own.scores,
      epochs,
      finished.map(({ scores }) => scores),
      level,
    );
    if (!predicted || predicted.high >= bar) return undefined;
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    return (
      `front: predicted ${percent(predicted.value)}, at most ${percent(predicted.high)}, ` +
      `from ${own.scores.length} of ${epochs} epochs; a network that costs no more has ${percent(bar)}`
    );
  },
} as const satisfies AsynchronousRule<typeof params>;
