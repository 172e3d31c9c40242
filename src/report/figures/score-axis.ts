/** The axis of a score, as charts show it. */
import type { ChartAxis } from '../charts/chart.js';
import type { ScoreDisplay } from './score-display.js';

export const scoreAxis = ({ label, unit, better }: ScoreDisplay): ChartAxis => ({
  title: `${label}${unit && `, ${unit}`}   (${better} is better)`,
  scale: 'linear',
});

/** Rounds what a figure keeps: more digits than any interval supports, fewer bytes. */
export const digits = (value: number): number => Number(value.toPrecision(6));
