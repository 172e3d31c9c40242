/** Selections of the report's page: the layouts of a cell of the heat map, and a selection as text. */
import { candidateName } from '../../analysis/candidate-name.js';
import type { Triple } from '../figures/front-figure.js';
import type { PageData } from '../page-data.js';
import { type SelectedRange, selectedRange, selectionText } from './selection-text.js';
import { costOf, type ViewState } from './view-state.js';

/** Candidates with a transformer block there. @param stage from 1 @param position from 1 */
export const layoutsWithT = ({ candidates }: PageData, stage: number, position: number): number[] =>
  candidates.flatMap(({ stages }, index) =>
    stages[stage - 1]?.letters[position - 1]?.startsWith('T') ? [index] : [],
  );

/** Numbers of all candidates side by side, NaN for none: a lasso reads tens of thousands of them. */
const columns = new WeakMap<readonly unknown[], Float64Array>();
function columnOf<Row>(rows: readonly Row[], numberOf: (row: Row) => number | undefined): Float64Array {
  const found = columns.get(rows) ?? Float64Array.from(rows, (row) => numberOf(row) ?? Number.NaN);
  columns.set(rows, found);
  return found;
}

/** Ranges of the score, the chosen cost and the parameters of what is selected; empty without a selection. */
export function selectedRanges(
  data: PageData,
  { selected, cost: id }: Pick<ViewState, 'selected' | 'cost'>,
): string {
  const score = data.figures.front?.score;
  const cost = costOf(data, id);
  const rangeOf = (column: Float64Array, scale = 1): SelectedRange =>
    selectedRange(selected, (each) => {
      const value = column[each]!;
      return Number.isNaN(value) ? undefined : value * scale;
    });
  const ofTriples = (triples: readonly Triple[], scale?: number): SelectedRange =>
    rangeOf(
      columnOf(triples, (triple) => triple?.[0]),
      scale,
    );
  const { candidates } = data;
  const params = (): SelectedRange => rangeOf(columnOf(candidates, (candidate) => candidate.params));
  const shown = [
    ...(score ? [{ label: score.short, unit: score.unit, range: ofTriples(score.values, score.scale) }] : []),
    ...(cost ? [{ label: cost.short, unit: cost.unit, range: ofTriples(cost.values) }] : []),
    ...(cost?.name === 'params' ? [] : [{ label: 'params', unit: '', range: params() }]),
  ];
  return selectionText(selected.length, (at) => candidateName(candidates[selected[at]!]!), shown);
}
