/** Parallel coordinates: the share of transformer blocks of every stage, then the score. */
import { mainScore } from '../../analysis/objectives/result-score.js';
import { type Symmetry, symmetryKinds } from '../../architecture/layout.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import type { Figure } from './figure.js';
import { digits } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';
import { mostLines, someOf, someText } from './some-lines.js';
import { transformerShare } from './transformer-share.js';

export interface StagesInfo {
  readonly score: ScoreDisplay;
  readonly stages: number;
  /** Of all layouts, as displayed. */
  readonly range: readonly [least: number, most: number];
  readonly of: number;
  readonly lines: readonly {
    readonly candidate: number;
    readonly kind: Symmetry;
    /** By stage; null without C and T. */
    readonly shares: readonly (number | null)[];
    /** As displayed. */
    readonly score: number;
  }[];
}

export const stagesFigure = {
  name: 'stages',
  title: () => 'Stages and score',
  caption: ({ score, range, lines, of }) =>
    [
      'Parallel coordinates: the share of T blocks in each stage, from 0 (all C) to 1 (all T), and at right',
      `the ${score.short}, from ${range[0]} (bottom) to ${range[1]} (top)${score.unit && ` ${score.unit}`}.`,
      ...someText('layouts', lines.length, of),
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const all = result.candidates.flatMap((each, candidate) => {
      const at = score.read(each);
      const shares = each.layout.split('-').map((stage) => transformerShare(stage) ?? null);
      return at
        ? [
            {
              candidate,
              kind: each.symmetry,
              shares: shares.map((share) => share && digits(share)),
              score: digits(at.value * score.scale),
            },
          ]
        : [];
    });
    const stages = all.reduce((most, { shares }) => Math.max(most, shares.length), 0);
    const isOneLayout = all.every(({ shares }) => shares.join() === all[0]?.shares.join());
    if (all.length < 2 || stages < 2 || isOneLayout) return undefined;
    return {
      score: scoreDisplay(score, result),
      stages,
      range: rangeOf(all.map((line) => line.score)),
      of: all.length,
      lines: someOf(all, mostLines),
    };
  },
  chart({ score, stages, range, lines }) {
    const [least, most] = range;
    const at = (value: number): number => (most > least ? (value - least) / (most - least) : 0.5);
    const names = [...Array.from({ length: stages }, (_, index) => `stage ${index + 1}`), score.short];
    return {
      title: 'Share of transformer blocks by stage, and score',
      x: { title: '', scale: 'categories', categories: names },
      y: {
        title: 'Share of T blocks; score from least to greatest',
        scale: 'linear',
        least: -0.03,
        most: 1.03,
      },
      marks: lines.map((line) => ({
        kind: 'line',
        candidate: line.candidate,
        ink: line.kind,
        width: 1.2,
        opacity: lines.length > 60 ? 0.25 : 0.55,
        points: [
          ...line.shares.flatMap((share, stage) => (share === null ? [] : [[stage, share] as const])),
          [stages, at(line.score)] as const,
        ],
      })),
      legend: symmetryKinds
        .filter((kind) => lines.some((line) => line.kind === kind))
        .map((kind) => ({ label: kind, ink: kind })),
    };
  },
} satisfies Figure<StagesInfo>;
