/**
 * The median rule of Google Vizier (https://doi.org/10.1145/3097983.3098043, section 3.2.2): a training stops
 * when its best score so far is below the median of the others' mean scores up to the same epoch.
 */
import { mean, median as middle } from 'simple-statistics';
import type { AsynchronousRule } from './stopping-rule.js';

const params = {
  after: { kind: 'int', min: 1, max: 100_000, default: 1, doc: 'epochs that every training gets' },
  others: {
    kind: 'int',
    min: 1,
    max: 100_000,
    default: 4,
    doc: 'trainings that must have come as far before one is stopped',
  },
} as const;

export const median = {
  kind: 'asynchronous',
  summary: 'stops what is below the median of the others so far',
  source: 'https://doi.org/10.1145/3097983.3098043',
  params,
  stops({ own, others }, { after, others: fewest }) {
    const epoch = own.scores.length;
    const means = others
      .filter(({ scores }) => scores.length >= epoch)
      .map(({ scores }) => mean(scores.slice(0, epoch)));
    if (epoch < after || means.length < fewest) return undefined;
    const [best, bar] = [Math.max(...own.scores), middle(means)];
    return best < bar
      ? `median: best ${percent(best)} after ${epoch} epochs, the median of ${means.length} others is ${percent(bar)}`
      : undefined;
  },
} as const satisfies AsynchronousRule<typeof params>;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
