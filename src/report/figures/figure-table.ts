/**
 * The figures of the page, in order. A new figure needs a file here, a drawing in `page/plots/` and one line
 * in each table.
 */
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type CurvesInfo, curvesFigure } from './curves-figure.js';
import { type EffectsInfo, effectsFigure } from './effects-figure.js';
import { type FidelityInfo, fidelityFigure } from './fidelity-figure.js';
import type { Figure } from './figure.js';
import { type FrontInfo, frontFigure } from './front-figure.js';
import { type GroupsInfo, groupsFigure } from './groups-figure.js';
import { type ThroughputInfo, throughputFigure } from './throughput-figure.js';
import { type TimeInfo, timeFigure } from './time-figure.js';
import { type ZeroCostInfo, zeroCostFigure } from './zero-cost-figure.js';

export interface FigureInfos {
  readonly front: FrontInfo;
  readonly effects: EffectsInfo;
  readonly groups: GroupsInfo;
  readonly throughput: ThroughputInfo;
  readonly curves: CurvesInfo;
  readonly fidelity: FidelityInfo;
  readonly zeroCost: ZeroCostInfo;
  readonly time: TimeInfo;
}

export type FigureName = keyof FigureInfos;

export const figures = {
  front: frontFigure,
  effects: effectsFigure,
  groups: groupsFigure,
  throughput: throughputFigure,
  curves: curvesFigure,
  fidelity: fidelityFigure,
  zeroCost: zeroCostFigure,
  time: timeFigure,
} satisfies { readonly [Name in FigureName]: Figure<FigureInfos[Name]> };

/** Data of every figure for which the result has any. */
export function figureInfos(result: ExperimentResult): Partial<FigureInfos> {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, figure]) => {
      const info = figure.info(result);
      return info ? [[name, info]] : [];
    }),
  );
}
