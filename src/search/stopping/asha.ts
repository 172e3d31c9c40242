/**
 * Asynchronous successive halving, https://arxiv.org/abs/1810.05934, in its stopping form: at each rung a
 * network goes on when it is among the best 1/reduction of those that have reached the rung so far, by layers
 * of score and cost, and always when none dominates it.
 */
import { layersOf, rungOrder } from './layers.js';
import { type AsynchronousRule, rungEpochs } from './stopping-rule.js';

const params = {
  reduction: {
    kind: 'int',
    min: 2,
    max: 16,
    default: 3,
    doc: 'one in this many goes on from a rung; rungs lie this factor of epochs apart',
  },
  first: { kind: 'int', min: 1, max: 100_000, default: 1, doc: 'epochs before the first rung' },
} as const;

export const asha = {
  kind: 'asynchronous',
  summary: 'at rungs, the best 1/reduction of those that came this far go on',
  source: 'https://arxiv.org/abs/1810.05934',
  params,
  stops({ own, others, epochs }, { reduction, first }) {
    const epoch = own.scores.length;
    if (!rungEpochs(first, reduction, epochs).includes(epoch)) return undefined;
    const reached = others.filter(({ scores }) => scores.length >= epoch);
    const points = [own, ...reached].map((curve) => ({ ...curve, score: curve.scores[epoch - 1]! }));
    const keeps = Math.max(1, Math.floor(points.length / reduction));
    const better = rungOrder(points).indexOf(0);
    return better < keeps || layersOf(points)[0] === 0
      ? undefined
      : `asha: ${better} of ${reached.length} others were better after ${epoch} ` +
          `${epoch === 1 ? 'epoch' : 'epochs'}, the best ${keeps} go on`;
  },
} as const satisfies AsynchronousRule<typeof params>;
