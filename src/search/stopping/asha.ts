/**
 * Asynchronous successive halving, https://arxiv.org/abs/1810.05934, in its stopping form: at each rung a
 * training goes on when it is among the best 1/reduction of those that have reached the rung so far, and
 * always when it is the best.
 */
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
    const reached = others
      .filter(({ scores }) => scores.length >= epoch)
      .map(({ scores }) => scores[epoch - 1]!);
    const better = reached.filter((score) => score > own.scores[epoch - 1]!).length;
    const keeps = Math.max(1, Math.floor((reached.length + 1) / reduction));
    return better < keeps
      ? undefined
      : `asha: ${better} of ${reached.length} others were better after ${epoch} ${epoch === 1 ? 'epoch' : 'epochs'}, the best ${keeps} go on`;
  },
} as const satisfies AsynchronousRule<typeof params>;
