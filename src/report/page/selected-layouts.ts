/** Selections of the report's page: the layouts of a cell of the heat map, and a selection as text. */
import type { PageData } from '../page-data.js';
import { selectionText } from './selection-text.js';
import { costOf, type ViewState } from './view-state.js';

/** Candidates with a transformer block there. @param stage from 1 @param position from 1 */
export const layoutsWithT = ({ candidates }: PageData, stage: number, position: number): number[] =>
  candidates.flatMap(({ stages }, index) =>
    stages[stage - 1]?.letters[position - 1]?.startsWith('T') ? [index] : [],
  );

/** Ranges of the score, the chosen cost and the parameters of what is selected; empty without a selection. */
export function selectedRanges(data: PageData, { selected, cost: id }: ViewState): string {
  const score = data.figures.front?.score;
  const cost = costOf(data, id);
  const of = (values: readonly (readonly [number, number, number] | null)[], scale: number): number[] =>
    selected.flatMap((each) => {
      const value = values[each];
      return value ? [value[0] * scale] : [];
    });
  const columns = [
    ...(score ? [{ label: score.short, unit: score.unit, values: of(score.values, score.scale) }] : []),
    ...(cost ? [{ label: cost.short, unit: cost.unit, values: of(cost.values, 1) }] : []),
    ...(cost?.name === 'params'
      ? []
      : [{ label: 'params', unit: '', values: selected.map((each) => data.candidates[each]!.params) }]),
  ];
  return selectionText(
    selected.map((each) => data.candidates[each]!.layout),
    columns,
  );
}
