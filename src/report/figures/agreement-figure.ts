/** Agreement of the networks' ranking by time between batch sizes, runtimes, devices and precisions. */
import {
  agreementText,
  meritsOf,
  type RankAgreement,
  rankAgreements,
  rankedSettings,
} from '../../analysis/ranking/rank-agreement.js';
import type { Figure } from './figure.js';
import { digits } from './score-axis.js';

export interface AgreementInfo {
  readonly rows: readonly {
    readonly first: string;
    readonly second: string;
    readonly tau: number;
    readonly low: number;
    readonly high: number;
    readonly networks: number;
    readonly pairs: number;
    readonly inverted: number;
    readonly invertedToldApart: number;
    readonly fronts?: RankAgreement['fronts'];
    readonly text: string;
  }[];
  /** Pairs of settings; `rows` are those of least agreement. */
  readonly of: number;
}

const mostRows = 15;

export const agreementFigure = {
  name: 'agreement',
  title: () => 'Agreement of rankings by time',
  caption: ({ rows, of }) =>
    [
      'Kendall’s tau of the networks’ times under two settings, with 95 % intervals over networks;',
      '1 is the same order.',
      'A pair inverts where the faster network is another one,',
      'and counts as told apart where both settings tell its networks apart.',
      ...(rows.length < of ? [`The ${rows.length} of ${of} pairs of settings that agree least.`] : []),
    ].join(' '),
  info(result) {
    const found = rankAgreements(rankedSettings([result]), meritsOf([result]));
    if (found.length === 0) return undefined;
    return {
      rows: found.slice(0, mostRows).map((each) => ({
        first: each.first,
        second: each.second,
        tau: digits(each.tau.value),
        low: digits(each.tau.low),
        high: digits(each.tau.high),
        networks: each.tau.samples,
        pairs: each.pairs,
        inverted: each.inverted,
        invertedToldApart: each.invertedToldApart,
        ...(each.fronts && { fronts: each.fronts }),
        text: agreementText(each),
      })),
      of: found.length,
    };
  },
  chart: ({ rows }) => ({
    title: 'Rank correlation of times between settings',
    x: { title: 'Kendall’s tau   (1: the same order)', scale: 'linear', include: [0], most: 1 },
    y: {
      title: '',
      scale: 'categories',
      categories: rows.map(
        ({ first, second, inverted, pairs }) => `${first} – ${second}: ${inverted} of ${pairs} invert`,
      ),
    },
    aspect: 0.16 + 0.06 * rows.length,
    marks: [
      {
        kind: 'points',
        ink: 'text',
        intervals: 'x',
        radius: 4.5,
        points: rows.map(({ tau, low, high, text }, y) => ({ x: tau, y, low, high, label: text })),
      },
    ],
  }),
} satisfies Figure<AgreementInfo>;
