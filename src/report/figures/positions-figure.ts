/**
 * A heat map of stage and position: the mean score of layouts with a T there less that of layouts with a C
 * there.
 */

import { mainScore } from '../../analysis/objectives/result-score.js';
import { meanInterval } from '../../util/statistics/student.js';
import type { Figure } from './figure.js';
import { digits } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface PositionsInfo {
  readonly score: ScoreDisplay;
  readonly stages: number;
  readonly positions: number;
  readonly cells: readonly {
    /** From 1. */
    readonly stage: number;
    readonly position: number;
    /** Layouts with a C and with a T there. */
    readonly c: number;
    readonly t: number;
    /** T less C, as displayed; undefined where one is missing. */
    readonly difference?: number;
    /** Half of its 95 % interval, Welch; undefined with fewer than two of either. */
    readonly half?: number;
  }[];
}

export const positionsFigure = {
  name: 'positions',
  title: () => 'Block by stage and position',
  caption: ({ score }) =>
    [
      `Mean ${score.short} of layouts with a T at this stage and position less that of layouts with a C`,
      `there; ${score.better} is better. Blue favours C, orange T;`,
      'a star marks a 95 % interval without zero,',
      'uncorrected for the number of cells.',
      'Layouts differ elsewhere, too: this is no effect of the block alone.',
      'A click on a cell selects the layouts with a T there.',
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const cells = new Map<string, { stage: number; position: number; C: number[]; T: number[] }>();
    for (const candidate of result.candidates) {
      const at = score.read(candidate);
      if (!at) continue;
      candidate.architecture.stages.forEach(({ blocks }, stage) => {
        blocks.forEach(({ letter }, position) => {
          const kind = letter[0];
          if (kind !== 'C' && kind !== 'T') return;
          const key = `${stage}/${position}`;
          const cell = cells.get(key) ?? { stage: stage + 1, position: position + 1, C: [], T: [] };
          cells.set(key, cell);
          cell[kind].push(at.value * score.scale);
        });
      });
    }
    const found = [...cells.values()].map(({ stage, position, C, T }) => ({
      stage,
      position,
      c: C.length,
      t: T.length,
      ...difference(T, C),
    }));
    if (!found.some((cell) => cell.difference !== undefined)) return undefined;
    return {
      score: scoreDisplay(score, result),
      stages: found.reduce((most, { stage }) => Math.max(most, stage), 0),
      positions: found.reduce((most, { position }) => Math.max(most, position), 0),
      cells: found.sort((a, b) => a.stage - b.stage || a.position - b.position),
    };
  },
  chart({ score, stages, positions, cells }) {
    const strongest = cells.reduce((most, { difference: d = 0 }) => Math.max(most, Math.abs(d)), 0) || 1;
    const sign = score.better === 'higher' ? 1 : -1;
    const numbers = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => String(index + 1));
    return {
      title: `${score.label} by block at each stage and position`,
      x: { title: 'Position in the stage', scale: 'categories', categories: numbers(positions) },
      y: { title: 'Stage', scale: 'categories', categories: numbers(stages) },
      aspect: Math.min(0.8, 0.16 + 0.09 * stages),
      marks: [
        {
          kind: 'cells',
          inks: ['blockC', 'blockT'],
          cells: cells.map(({ stage, position, c, t, difference: d, half }) => ({
            x: position - 1,
            y: stage - 1,
            strength: d === undefined ? 0 : (sign * d) / strongest,
            label:
              d === undefined ? '·' : `${signed(d)}${half !== undefined && Math.abs(d) > half ? ' *' : ''}`,
            title: `stage ${stage}, position ${position}: ${t} with T, ${c} with C`,
            ...(t > 0 && { place: { stage, position } }),
          })),
        },
      ],
    };
  },
} satisfies Figure<PositionsInfo>;

/** Two digits, so that `+1.0` beside `+1.2` says as much. */
function signed(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? '−' : '+'}${size < 10 ? size.toPrecision(2) : size.toFixed(0)}`;
}

function difference(t: readonly number[], c: readonly number[]): { difference?: number; half?: number } {
  if (t.length === 0 || c.length === 0) return {};
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ofT, ofC] = [meanInterval(t), meanInterval(c)];
  const half = ofT && ofC ? Math.hypot(ofT.high - ofT.value, ofC.high - ofC.value) : undefined;
  return { difference: digits(mean(t) - mean(c)), ...(half !== undefined && { half: digits(half) }) };
}
