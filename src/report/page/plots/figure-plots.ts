/**
 * The drawing function of each figure in `figures/figure-table.ts` except the front, and the effects of an
 * ablation, which the page holds as SVG.
 */
import type { FigureInfos, ScriptFigure } from '../../figures/figure-table.js';
import type { PageData } from '../../page-data.js';
import type { ViewState } from '../view-state.js';
import { drawFidelity } from './fidelity-plot.js';
import { drawGroups } from './groups-plot.js';
import { drawCurves } from './lines/curves-plot.js';
import { drawThroughput } from './lines/throughput-plot.js';
import { drawTime } from './time-plot.js';
import { drawZeroCost } from './zero-cost-plot.js';

type FigurePlot<Info> = (element: HTMLElement, info: Info, data: PageData, state: ViewState) => Promise<void>;

/** The other figures are charts, which the page holds as SVG. */
export type PlottedFigure = Exclude<ScriptFigure, 'front'>;

export const figurePlots: {
  readonly [Name in PlottedFigure]: FigurePlot<FigureInfos[Name]>;
} = {
  throughput: drawThroughput,
  curves: drawCurves,
  groups: drawGroups,
  fidelity: drawFidelity,
  zeroCost: drawZeroCost,
  time: drawTime,
};

export const plottedFigures = Object.keys(figurePlots) as readonly PlottedFigure[];
/** Figures that mark selected layouts. */
export const selectionFigures: readonly PlottedFigure[] = ['throughput', 'curves'];
