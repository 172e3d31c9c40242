/**
 * The figures of the page, in order. A new figure needs a file here, a drawing in `page/plots/` and one line
 * in each table.
 */
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type AgreementInfo, agreementFigure } from './agreement-figure.js';
import { asymmetryFigure } from './asymmetry-figure.js';
import { type BatchFrontsInfo, batchFrontsFigure } from './batch-fronts-figure.js';
import { type CurvesInfo, curvesFigure } from './curves-figure.js';
import { type DistributionInfo, distributionFigure } from './distribution-figure.js';
import { type EffectsInfo, effectsFigure } from './effects-figure.js';
import { type FidelityInfo, fidelityFigure } from './fidelity-figure.js';
import type { Figure } from './figure.js';
import { type FrontInfo, frontFigure } from './front-figure.js';
import { type GroupsInfo, groupsFigure } from './groups-figure.js';
import { type HypervolumeInfo, hypervolumeFigure } from './hypervolume-figure.js';
import type { ShareInfo } from './kind-points.js';
import { type PositionsInfo, positionsFigure } from './positions-figure.js';
import { type PredictedInfo, predictedFigure } from './predicted-figure.js';
import { type ProxyInfo, proxyFigure } from './proxy-figure.js';
import { type StagesInfo, stagesFigure } from './stages-figure.js';
import { type ThroughputInfo, throughputFigure } from './throughput-figure.js';
import { type TimeInfo, timeFigure } from './time-figure.js';
import { transformerShareFigure } from './transformer-share-figure.js';
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
  readonly batchFronts: BatchFrontsInfo;
  readonly agreement: AgreementInfo;
  readonly distribution: DistributionInfo;
  readonly transformerShare: ShareInfo;
  readonly asymmetry: ShareInfo;
  readonly positions: PositionsInfo;
  readonly stages: StagesInfo;
  readonly hypervolume: HypervolumeInfo;
  readonly proxy: ProxyInfo;
  readonly predicted: PredictedInfo;
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
  batchFronts: batchFrontsFigure,
  agreement: agreementFigure,
  distribution: distributionFigure,
  transformerShare: transformerShareFigure,
  asymmetry: asymmetryFigure,
  positions: positionsFigure,
  stages: stagesFigure,
  hypervolume: hypervolumeFigure,
  proxy: proxyFigure,
  predicted: predictedFigure,
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

/** Figures that the page draws with its script; the others are charts, which it holds as SVG. */
export const scriptFigures = [
  'front',
  'groups',
  'throughput',
  'curves',
  'fidelity',
  'zeroCost',
  'time',
] as const;
export type ScriptFigure = (typeof scriptFigures)[number];

/** Charts of the page, in order. */
export const chartFigures = [
  'batchFronts',
  'agreement',
  'distribution',
  'transformerShare',
  'asymmetry',
  'positions',
  'stages',
  'hypervolume',
  'proxy',
  'predicted',
] as const satisfies readonly FigureName[];
