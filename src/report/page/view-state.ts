/**
 * The page's view state and its reducer, and columns, filter and order as pure functions of data and state.
 */

import { candidateName } from '../../analysis/candidate-name.js';
import { formatText } from '../../analysis/number-text.js';
import type { FilterRow } from '../../analysis/row-filter.js';
import { parseFilter } from '../../analysis/row-filter.js';
import { symmetryKinds } from '../../architecture/layout.js';
import { compareKeys } from '../../util/compare-keys.js';
import type { Interval } from '../../util/statistics/interval.js';
import type { CostFront, Triple } from '../figures/front-figure.js';
import type { PageData } from '../page-data.js';

export interface ViewState {
  /** Id of the cost in the plot and the table. */
  readonly cost: string;
  readonly sort: { readonly column: ColumnName; readonly down: boolean };
  readonly filter: string;
  /** Candidate positions; the detail panel shows the last one. */
  readonly selected: readonly number[];
  readonly onlySelected: boolean;
}

export type Action =
  | { readonly kind: 'cost'; readonly cost: string }
  | { readonly kind: 'sort'; readonly column: ColumnName }
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'select'; readonly candidates: readonly number[]; readonly add?: boolean }
  | { readonly kind: 'only-selected'; readonly on: boolean };

export type ColumnName = 'layout' | 'score' | 'cost' | 'params' | 'macs';
export const columnNames: readonly ColumnName[] = ['layout', 'score', 'cost', 'params', 'macs'];

/** Columns of the table: the chosen cost replaces its own column. */
export const shownColumns = (data: PageData, state: Pick<ViewState, 'cost'>): ColumnName[] =>
  columnNames.filter((name) => name !== costOf(data, state.cost)?.name);

export const initialViewState = (data: PageData): ViewState => ({
  cost: data.figures.front?.first ?? '',
  sort: { column: 'score', down: bestIsFirstDown(data) },
  filter: '',
  selected: [],
  onlySelected: false,
});

/** Whether descending order puts the best score first. */
const bestIsFirstDown = (data: PageData): boolean => data.figures.front?.score.better !== 'lower';

export function reduce(data: PageData, state: ViewState, action: Action): ViewState {
  switch (action.kind) {
    case 'cost':
      return withCost(data, state, action.cost);
    case 'sort':
      return {
        ...state,
        sort: {
          column: action.column,
          down:
            state.sort.column === action.column
              ? !state.sort.down
              : action.column === 'score' && bestIsFirstDown(data),
        },
      };
    case 'filter':
      return { ...state, filter: action.text };
    case 'select': {
      const selected = action.add ? toggled(state.selected, action.candidates) : [...action.candidates];
      return { ...state, selected, onlySelected: state.onlySelected && selected.length > 0 };
    }
    case 'only-selected':
      return { ...state, onlySelected: action.on && state.selected.length > 0 };
    default:
      return action satisfies never;
  }
}

function toggled(selected: readonly number[], candidates: readonly number[]): number[] {
  const [before, changed] = [new Set(selected), new Set(candidates)];
  return [
    ...selected.filter((each) => !changed.has(each)),
    ...candidates.filter((each) => !before.has(each)),
  ];
}

/** A sort by a column that the new cost replaces becomes a sort by the cost. */
function withCost(data: PageData, { sort, ...state }: ViewState, cost: string): ViewState {
  const next = { ...state, sort, cost };
  return shownColumns(data, next).includes(sort.column)
    ? next
    : { ...next, sort: { ...sort, column: 'cost' } };
}

export const costOf = (data: PageData, id: string): CostFront | undefined =>
  data.figures.front?.costs.find((cost) => cost.id === id);
interface CostMarks {
  readonly front: ReadonlySet<number>;
  readonly tied: ReadonlySet<number>;
}
const marksByCost = new WeakMap<CostFront, CostMarks>();

/** Candidates on the front of a cost, and those in a tie. */
export function marksOf(cost: CostFront): CostMarks {
  const known = marksByCost.get(cost);
  if (known) return known;
  const marks = { front: new Set(cost.front), tied: new Set(cost.ties.flat()) };
  marksByCost.set(cost, marks);
  return marks;
}

export const asInterval = (triple: Triple | undefined): Interval | undefined =>
  triple ? { value: triple[0], low: triple[1], high: triple[2] } : undefined;

/** Text of a cell, undefined where not measured; the unit is in the head. */
export function cellText(
  data: PageData,
  state: ViewState,
  column: ColumnName,
  candidate: number,
): string | undefined {
  const row = data.candidates[candidate]!;
  switch (column) {
    case 'layout':
      return candidateName(row);
    case 'params':
      return formatText('count', exact(row.params));
    case 'macs':
      return formatText('count', exact(row.macs));
    case 'score': {
      const score = data.figures.front?.score;
      const value = asInterval(score?.values[candidate]);
      return score && value && formatText('measured', value, score.scale);
    }
    case 'cost': {
      const cost = costOf(data, state.cost);
      const value = asInterval(cost?.values[candidate]);
      return cost && value && formatText(cost.format, value);
    }
    default:
      return column satisfies never;
  }
}

const exact = (value: number): Interval => ({ value, low: value, high: value });

function sortValue(
  data: PageData,
  state: ViewState,
  column: ColumnName,
  candidate: number,
): number | string | undefined {
  const row = data.candidates[candidate]!;
  switch (column) {
    case 'layout':
      return candidateName(row);
    case 'params':
      return row.params;
    case 'macs':
      return row.macs;
    case 'score':
      return data.figures.front?.score.values[candidate]?.[0];
    case 'cost':
      return costOf(data, state.cost)?.values[candidate]?.[0];
    default:
      return column satisfies never;
  }
}

export const filterMarks = ['front', 'tied', 'failed', ...symmetryKinds] as const;

/** Fields of the filter; other names of a quantity are accepted. */
export const filterFields = (data: PageData): string[] => [
  data.figures.front?.score.id ?? 'top-1',
  'cost',
  ...(data.figures.front?.costs ?? []).map(({ id }) => id),
];

function filterRow(data: PageData, state: ViewState, candidate: number): FilterRow {
  const row = data.candidates[candidate]!;
  const cost = costOf(data, state.cost);
  const marks = new Set<string>([row.symmetry]);
  if (cost && marksOf(cost).front.has(candidate)) marks.add('front');
  if (cost && marksOf(cost).tied.has(candidate)) marks.add('tied');
  if (row.failures.length > 0) marks.add('failed');
  return {
    texts: [candidateName(row), row.layout, row.id],
    marks,
    number(field) {
      const score = data.figures.front?.score;
      if (field === score?.id) {
        const value = score.values[candidate];
        return value ? value[0] * score.scale : undefined;
      }
      const chosen = field === 'cost' ? cost : data.figures.front?.costs.find((each) => each.id === field);
      return chosen?.values[candidate]?.[0];
    },
  };
}

/** Candidates that match the filter, and why a word of it is invalid. */
export function matchingCandidates(
  data: PageData,
  state: ViewState,
): { readonly matches: ReadonlySet<number>; readonly problem?: string } {
  if (state.filter.trim() === '') return { matches: new Set(data.candidates.keys()) };
  const filter = parseFilter(state.filter, filterFields(data), filterMarks);
  const matches = new Set(
    data.candidates.flatMap((_, candidate) =>
      filter.matches(filterRow(data, state, candidate)) ? [candidate] : [],
    ),
  );
  return { matches, ...(filter.problem ? { problem: filter.problem } : {}) };
}

/** Candidates that match, in the table's order; those without a value come last. */
export function sortedCandidates(data: PageData, state: ViewState, matches: ReadonlySet<number>): number[] {
  const { column, down } = state.sort;
  const shown = [...matches];
  const keys = new Map(shown.map((candidate) => [candidate, sortValue(data, state, column, candidate)]));
  const direction = down ? 'descending' : 'ascending';
  return shown.sort((a, b) => compareKeys(keys.get(a), keys.get(b), direction) || a - b);
}
