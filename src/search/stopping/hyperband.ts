/**
 * Hyperband, https://arxiv.org/abs/1603.06560: brackets of successive halving that begin at different rungs,
 * so that no single guess at the smallest useful number of epochs decides. The caller shuffles the networks,
 * and they are dealt to the brackets in the proportions of the paper's algorithm 1; the bracket s begins at
 * epochs·reduction^-s.
 */
import type { Bracket, SynchronousRule } from './stopping-rule.js';

const reductionParam = {
  kind: 'int',
  min: 2,
  max: 16,
  default: 3,
  doc: 'one in this many goes on from a rung; rungs lie this factor of epochs apart',
} as const;
const params = {
  reduction: reductionParam,
  first: { kind: 'int', min: 1, max: 100_000, default: 1, doc: 'fewest epochs of a first rung' },
} as const;

const keeps = (alive: number, { reduction }: { readonly reduction: number }): number =>
  Math.max(1, Math.floor(alive / reduction));

/** Rungs `epochs·reduction^-s`, …, `epochs`. */
const rungsOf = (epochs: number, reduction: number, s: number): number[] => [
  ...new Set(
    Array.from({ length: s + 1 }, (_, index) => Math.max(1, Math.round(epochs * reduction ** (index - s)))),
  ),
];

/** Largest s whose first rung holds at least `first` epochs. */
const deepest = (epochs: number, reduction: number, first: number): number =>
  Math.max(0, Math.floor(Math.log(epochs / first) / Math.log(reduction) + 1e-9));

export const hyperband = {
  kind: 'synchronous',
  summary: 'brackets of successive halving that begin at different rungs',
  source: 'https://arxiv.org/abs/1603.06560',
  params,
  keeps,
  brackets(networks, epochs, { reduction, first }) {
    const most = deepest(epochs, reduction, first);
    // n_s of algorithm 1: ⌈(s_max+1)/(s+1) · η^s⌉
    const sizes = Array.from({ length: most + 1 }, (_, index) =>
      Math.ceil(((most + 1) / (most - index + 1)) * reduction ** (most - index)),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let from = 0;
    let share = 0;
    const brackets: Bracket[] = sizes.map((size, index) => {
      share += size;
      const to = Math.round((share / total) * networks.length);
      const bracket = { networks: networks.slice(from, to), rungs: rungsOf(epochs, reduction, most - index) };
      from = to;
      return bracket;
    });
    return brackets.filter((bracket) => bracket.networks.length > 0);
  },
} as const satisfies SynchronousRule<typeof params>;

/** One bracket that begins at `first`: successive halving, https://arxiv.org/abs/1502.07943 */
export const halving = {
  kind: 'synchronous',
  summary: 'all networks to the first rung, the best 1/reduction on to the next',
  source: 'https://arxiv.org/abs/1502.07943',
  params,
  keeps,
  brackets: (networks, epochs, { reduction, first }) => {
    const rungs: number[] = [];
    for (let rung = first; rung < epochs; rung *= reduction) rungs.push(rung);
    return networks.length === 0 ? [] : [{ networks, rungs: [...rungs, epochs] }];
  },
} as const satisfies SynchronousRule<typeof params>;
