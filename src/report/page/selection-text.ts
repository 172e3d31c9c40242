/** A selection as text: how many layouts it holds, and the range of each quantity. */
import { significantText } from '../../analysis/number-text.js';
import { rangeOf } from '../../util/statistics/range-of.js';

export interface SelectedColumn {
  readonly label: string;
  readonly unit: string;
  /** As displayed, of those selected layouts that have one. */
  readonly values: readonly number[];
}

/**
 * @param layouts of the selection, one for each network
 * @example selectionText(['CC', 'CT'], [{ label: 'top-1', unit: '%', values: [52, 61.3] }])
 * // '2 selected (CC, CT): top-1 52.0 to 61.3 %'
 */
export function selectionText(layouts: readonly string[], columns: readonly SelectedColumn[]): string {
  if (layouts.length === 0) return '';
  const names = layouts.length <= 4 ? ` (${layouts.join(', ')})` : '';
  const ranges = columns.flatMap(({ label, unit, values }) => {
    if (values.length === 0) return [];
    const [low, high] = rangeOf(values).map(significantText);
    const range = low === high ? low : `${low} to ${high}`;
    const few = values.length < layouts.length ? ` (${values.length} of ${layouts.length})` : '';
    return [`${label} ${range}${unit && ` ${unit}`}${few}`];
  });
  return `${layouts.length} selected${names}${ranges.length > 0 ? `: ${ranges.join('; ')}` : ''}`;
}
