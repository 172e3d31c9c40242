/**
 * The state of the screen and its reducer, both pure. Views draw the state, keys and the database reader send
 * actions.
 */

import type { Objective } from '../analysis/objectives/objectives.js';
import { costObjectives, mainCost } from '../analysis/objectives/objectives.js';
import type { Score } from '../analysis/objectives/result-score.js';
import type { Front } from '../analysis/pareto/pareto-front.js';
import { frontOf } from '../analysis/pareto/pareto-front.js';
import type { FilterRow } from '../analysis/row-filter.js';
import { parseFilter } from '../analysis/row-filter.js';
import type { Conclusions } from '../analysis/summary/conclusions.js';
import { conclusionsOf } from '../analysis/summary/conclusions.js';
import { symmetryKinds } from '../architecture/layout.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';
import { compareKeys } from '../util/compare-keys.js';
import { rowKey } from './row-key.js';

export type Screen = 'table' | 'plot' | 'detail' | 'help';
export const sortColumns = ['score', 'cost', 'params', 'macs', 'layout'] as const;
export type SortColumn = (typeof sortColumns)[number];

/** Columns of the table: the chosen cost replaces its own column. */
export const shownColumns = ({ cost }: { readonly cost: Pick<Objective, 'name'> }): SortColumn[] =>
  sortColumns.filter((name) => name !== cost.name);

export interface ScreenState {
  readonly result: ExperimentResult;
  readonly findings: Conclusions;
  readonly score: Score;
  readonly costs: readonly Objective[];
  readonly cost: Objective;
  readonly front: Front;
  /** Candidate positions after filter and sort. */
  readonly order: readonly number[];
  readonly screen: Screen;
  /** Screens to return to from help and detail, the latest first. */
  readonly previousScreens: readonly Screen[];
  /** Key of the row under the cursor; survives new results. */
  readonly cursor: string | undefined;
  readonly sort: { readonly column: SortColumn; readonly down: boolean };
  readonly filter: string;
  readonly filterProblem: string;
  readonly typing: boolean;
  /** Scroll of the detail view, in lines. */
  readonly scroll: number;
  /** The last error of reading the database; '' after a successful read. */
  readonly problem: string;
}

export type Action =
  | { readonly kind: 'result'; readonly result: ExperimentResult }
  | { readonly kind: 'problem'; readonly text: string }
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'to-end'; readonly last: boolean }
  | { readonly kind: 'along-cost'; readonly by: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'back' }
  | { readonly kind: 'switch' }
  | { readonly kind: 'help' }
  | { readonly kind: 'sort' }
  | { readonly kind: 'turn' }
  | { readonly kind: 'cost'; readonly by: number }
  | { readonly kind: 'front-only' }
  | { readonly kind: 'filter-start' }
  | { readonly kind: 'filter-text'; readonly text: string }
  | { readonly kind: 'filter-erase' }
  | { readonly kind: 'filter-done' }
  | { readonly kind: 'filter-clear' };

export function initialState(result: ExperimentResult): ScreenState {
  const cost = mainCost(result);
  const findings = conclusionsOf(result, cost);
  const { score, front } = findings;
  const bare = {
    result,
    findings,
    score,
    costs: costObjectives(result),
    cost,
    front,
    order: [],
    screen: 'table',
    previousScreens: [],
    cursor: undefined,
    sort: { column: 'score', down: score.better === 'higher' },
    filter: '',
    filterProblem: '',
    typing: false,
    scroll: 0,
    problem: '',
  } satisfies ScreenState;
  return withOrder(bare);
}

export function reduce(state: ScreenState, action: Action): ScreenState {
  switch (action.kind) {
    case 'result':
      return withResult(state, action.result);
    case 'problem':
      return { ...state, problem: action.text };
    case 'move':
    case 'to-end':
    case 'along-cost':
      return state.screen === 'detail' ? moveInDetail(state, action) : moveInList(state, action);
    case 'open':
      return state.cursor === undefined ? state : { ...openScreen(state, 'detail'), scroll: 0 };
    case 'back':
      return {
        ...state,
        screen: state.previousScreens[0] ?? state.screen,
        previousScreens: state.previousScreens.slice(1),
      };
    case 'switch':
      return { ...state, screen: state.screen === 'plot' ? 'table' : 'plot' };
    case 'help':
      return state.screen === 'help' ? reduce(state, { kind: 'back' }) : openScreen(state, 'help');
    case 'sort':
      return withOrder({ ...state, sort: nextSort(state) });
    case 'turn':
      return withOrder({ ...state, sort: { ...state.sort, down: !state.sort.down } });
    case 'cost':
      return withCost(state, nextCost(state, action.by));
    case 'front-only':
      return withOrder({ ...state, filter: toggleWord(state.filter, 'front') });
    case 'filter-start':
      return { ...state, typing: true, screen: state.screen === 'plot' ? 'plot' : 'table' };
    case 'filter-text':
      return withOrder({
        ...state,
        filter: (state.filter + action.text.replace(/[^\x20-\x7e]/g, '')).slice(0, 200),
      });
    case 'filter-erase':
      return withOrder({ ...state, filter: state.filter.slice(0, -1) });
    case 'filter-done':
      return { ...state, typing: false };
    case 'filter-clear':
      return withOrder({ ...state, typing: false, filter: '' });
    default:
      return action satisfies never;
  }
}

type Move = Extract<Action, { kind: 'move' | 'to-end' | 'along-cost' }>;

/** Up and down scroll the detail; left and right select the neighbouring layout. */
function moveInDetail(state: ScreenState, action: Move): ScreenState {
  switch (action.kind) {
    case 'move':
      return { ...state, scroll: Math.max(0, state.scroll + action.by) };
    case 'to-end':
      return { ...state, scroll: action.last ? 9999 : 0 };
    case 'along-cost':
      return { ...moveCursor(state, state.order, action.by), scroll: 0 };
    default:
      return action satisfies never;
  }
}

function moveInList(state: ScreenState, action: Move): ScreenState {
  if (action.kind === 'to-end') return moveCursor(state, state.order, action.last ? Infinity : -Infinity);
  return moveCursor(state, action.kind === 'move' ? state.order : alongCost(state), action.by);
}

/** The next column, with its best values first. */
function nextSort(state: ScreenState): ScreenState['sort'] {
  const column = next(shownColumns(state), state.sort.column, 1);
  return { column, down: column === 'cost' || (column === 'score' && state.score.better === 'higher') };
}

function nextCost({ costs, cost }: ScreenState, by: number): Objective {
  const [first] = costs;
  return first === undefined ? cost : next(costs, costs.find(({ id }) => id === cost.id) ?? first, by);
}

function toggleWord(filter: string, word: string): string {
  const words = filter.split(' ');
  return words.includes(word) ? words.filter((each) => each !== word).join(' ') : `${filter} ${word}`.trim();
}

export const cursorCandidate = (state: ScreenState): CandidateResult | undefined =>
  state.result.candidates.find((candidate) => rowKey(candidate) === state.cursor);

const openScreen = (state: ScreenState, screen: Screen): ScreenState => ({
  ...state,
  screen,
  previousScreens: [state.screen, ...state.previousScreens],
});

const next = <V>(values: readonly V[], value: V, by: number): V =>
  values[(values.indexOf(value) + by + values.length) % values.length]!;

function withResult(state: ScreenState, result: ExperimentResult): ScreenState {
  const costs = costObjectives(result);
  const wasMain = state.cost.id === mainCost(state.result).id;
  const cost = wasMain
    ? mainCost(result)
    : (costs.find((each) => each.id === state.cost.id) ?? mainCost(result));
  const findings = conclusionsOf(result, cost);
  const { score, front } = findings;
  // The first scores of a run may show that its task has another score than was assumed.
  const turned = score.better !== state.score.better && state.sort.column === 'score';
  const sort = turned ? { ...state.sort, down: !state.sort.down } : state.sort;
  return withOrder({ ...state, result, problem: '', costs, cost, score, findings, front, sort });
}

const withCost = (state: ScreenState, cost: Objective): ScreenState =>
  withOrder({ ...state, cost, front: frontOf(state.result.candidates, cost, state.score) });

/** Positions of measured candidates by ascending cost, as in the plot. */
function alongCost(state: ScreenState): number[] {
  const shown = new Set(state.order);
  return [...state.front.points]
    .filter((point) => shown.has(point.index))
    .sort((a, b) => a.x.value - b.x.value || a.index - b.index)
    .map((point) => point.index);
}

function moveCursor(state: ScreenState, order: readonly number[], by: number): ScreenState {
  if (order.length === 0) return state;
  const at = order.findIndex((index) => rowKey(state.result.candidates[index]!) === state.cursor);
  const to = Math.min(order.length - 1, Math.max(0, at < 0 ? 0 : at + by));
  return { ...state, cursor: rowKey(state.result.candidates[order[to]!]!) };
}

/** Applies filter and sort. The cursor stays on its architecture, or moves to the first one that is left. */
function withOrder(given: ScreenState): ScreenState {
  const state: ScreenState = shownColumns(given).includes(given.sort.column)
    ? given
    : { ...given, sort: { ...given.sort, column: 'cost' } };
  const { result, front } = state;
  const onFront = new Set(front.front);
  const tied = new Set(front.ties.flat());
  const filter = parseFilter(state.filter, filterFields(state), filterMarks);
  const number = (candidate: CandidateResult, each: Objective): number | undefined => {
    const measured = each.read(candidate);
    return measured && measured.value * each.scale;
  };
  const row = (candidate: CandidateResult, index: number): FilterRow => ({
    texts: [
      candidate.layout,
      candidate.architectureId,
      ...(candidate.arm === undefined ? [] : [candidate.arm]),
    ],
    marks: new Set([
      candidate.symmetry,
      ...(onFront.has(index) ? ['front'] : []),
      ...(tied.has(index) ? ['tied'] : []),
      ...(candidate.failures.length > 0 ? ['failed'] : []),
    ]),
    number: (field) => {
      const each = fieldObjective(state, field);
      return each && number(candidate, each);
    },
  });
  const keys = result.candidates.map((candidate) => sortKey(candidate, state));
  const direction = state.sort.down ? 'descending' : 'ascending';
  const order = result.candidates
    .map((_, index) => index)
    .filter((index) => filter.matches(row(result.candidates[index]!, index)))
    .sort((a, b) => compareKeys(keys[a], keys[b], direction) || a - b);
  const kept = order.some((index) => rowKey(result.candidates[index]!) === state.cursor);
  const first = order[0] === undefined ? undefined : rowKey(result.candidates[order[0]]!);
  const cursor = kept ? state.cursor : first;
  return { ...state, order, filterProblem: filter.problem ?? '', cursor };
}

/** The objective that a filter field reads; undefined for an unknown field. */
function fieldObjective({ score, cost, costs }: ScreenState, field: string): Objective | undefined {
  if (field === score.id) return score;
  return field === 'cost' ? cost : costs.find((each) => each.id === field);
}

function sortKey(
  candidate: CandidateResult,
  { sort: { column }, score, cost }: ScreenState,
): number | string | undefined {
  switch (column) {
    case 'score':
      return score.read(candidate)?.value;
    case 'cost':
      return cost.read(candidate)?.value;
    case 'params':
      return candidate.params;
    case 'macs':
      return candidate.macs;
    case 'layout':
      return candidate.layout;
    default:
      return column satisfies never;
  }
}

export const filterMarks = ['front', 'tied', 'failed', ...symmetryKinds] as const;
export const filterFields = ({ score, costs }: Pick<ScreenState, 'score' | 'costs'>): string[] => [
  score.id,
  'cost',
  ...costs.map(({ id }) => id),
];
