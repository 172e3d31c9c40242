/**
 * The median rule of Google Vizier (https://doi.org/10.1145/3097983.3098043, section 3.2.2), by layers: a
 * network stops when at least half of the others lie on better layers of cost and score, its own score the
 * best so far and theirs the mean up to the same epoch. Without costs that is the rule of the paper.
 */
import { mean } from 'simple-statistics';
import { layersOf } from './layers.js';
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
  summary: 'stops what half of the others are better than so far',
  source: 'https://doi.org/10.1145/3097983.3098043',
  params,
  stops({ own, others }, { after, others: fewest }) {
    const epoch = own.scores.length;
    const reached = others.filter(({ scores }) => scores.length >= epoch);
    if (epoch < after || reached.length < fewest) return undefined;
    const best = Math.max(...own.scores);
    const [layer, ...layers] = layersOf([
      { ...own, score: best },
      ...reached.map((curve) => ({ ...curve, score: mean(curve.scores.slice(0, epoch)) })),
    ]);
    const better = layers.filter((each) => each < layer!).length;
    return better > 0 && 2 * better >= reached.length
      ? 'median: ' +
          `best ${percent(best)} after ${epoch} epochs, ${better} of ${reached.length} others were better`
      : undefined;
  },
} as const satisfies AsynchronousRule<typeof params>;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
