/** A selection as text: how many layouts it holds, and the range of each quantity. */
import { significantText } from '../../analysis/number-text.js';

export interface SelectedColumn {
  readonly label: string;
  readonly unit: string;
  readonly range: SelectedRange;
}
/** Of those selected layouts that have a value, as displayed. */
export interface SelectedRange {
  readonly low: number;
  readonly high: number;
  /** Number of layouts with a value. */
  readonly count: number;
}

/** Of more layouts than these only the number is written. */
const mostNames = 4;

/** @param numberOf undefined where a layout has no value */
export function selectedRange(
  selected: readonly number[],
  numberOf: (candidate: number) => number | undefined,
): SelectedRange {
  let [low, high, count] = [Infinity, -Infinity, 0];
  for (const each of selected) {
    const value = numberOf(each);
    if (value === undefined) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    count++;
  }
  return { low, high, count };
}

/**
 * @param count of the selected networks
 * @param nameOf layout of each, from 0
 * @example selectionText(2, (at) => ['CC', 'CT'][at]!, [
 *   { label: 'top-1', unit: '%', range: { low: 52, high: 61.3, count: 2 } },
 * ]) // '2 selected (CC, CT): top-1 52.0 to 61.3 %'
 */
export function selectionText(
  count: number,
  nameOf: (at: number) => string,
  columns: readonly SelectedColumn[],
): string {
  if (count === 0) return '';
  const names =
    count <= mostNames ? ` (${Array.from({ length: count }, (_, at) => nameOf(at)).join(', ')})` : '';
  const ranges = columns.flatMap(({ label, unit, range }) => {
    if (range.count === 0) return [];
    const [low, high] = [significantText(range.low), significantText(range.high)];
    const text = low === high ? low : `${low} to ${high}`;
    const few = range.count < count ? ` (${range.count} of ${count})` : '';
    return [`${label} ${text}${unit && ` ${unit}`}${few}`];
  });
  return `${count} selected${names}${ranges.length > 0 ? `: ${ranges.join('; ')}` : ''}`;
}
