/**
 * The terminal screen of a segmentation and of a denoising: order, filter, titles, plot and sparkline by
 * their own score.
 */
import { describe, expect, it } from 'vitest';
import { score } from '../../src/analysis/objectives/result-score.js';
import { frameText } from '../../src/explore/frame.js';
import { plainText } from '../../src/explore/run-explore.js';
import { screenLines } from '../../src/explore/screen.js';
import {
  cursorCandidate,
  initialState,
  reduce,
  type ScreenState,
  shownColumns,
} from '../../src/explore/screen-state.js';
import { sparkline } from '../../src/explore/views/detail-view.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { denoisingResult, segmentationResult, withTests } from '../fixtures/task-results.js';

const frame = (state: ScreenState): string => frameText(screenLines(state, { columns: 80, rows: 24 }), false);

describe.each([
  ['segmentation', segmentationResult(), 'miou', 'mIoU %', 'mIoU, %  ↑'],
  ['denoising', denoisingResult(), 'loss', 'loss', 'loss  ↓ lower is better'],
] as const)('the screen of a %s', (_, result, name, title, axis) => {
  const shown = score(name);
  const start = initialState(result);
  const values = (state: ScreenState): number[] =>
    state.order.map((index) => shown.read(result.candidates[index]!)!.value);
  const bestFirst = (numbers: readonly number[]): number[] =>
    [...numbers].sort((a, b) => shown.merit(b) - shown.merit(a));

  it('starts with the best, sorts around the columns and comes back to it', () => {
    expect(values(start)).toEqual(bestFirst(values(start)));
    const around = shownColumns(start).reduce(
      (state) => reduce(state, { kind: 'sort' }),
      start as ScreenState,
    );
    expect(around).toMatchObject({ sort: start.sort, order: start.order });
    expect(values(reduce(start, { kind: 'turn' }))).toEqual(bestFirst(values(start)).reverse());
  });
  it('filters by the score under its name', () => {
    const middle = values(start)[9]! * shown.scale;
    const filtered = reduce(start, { kind: 'filter-text', text: `${name}<${middle}` });
    expect(filtered.filterProblem).toBe('');
    expect(values(filtered)).toEqual(values(start).filter((value) => value * shown.scale < middle));
    expect(reduce(start, { kind: 'filter-text', text: 'top-1>60' }).filterProblem).toContain(
      `one of ${name}, cost`,
    );
  });
  it('table, plot, detail and plain text name the score', () => {
    expect(frame(start)).toContain(`${title}${shown.better === 'higher' ? '↓' : '↑'}`);
    expect(frame(reduce(start, { kind: 'switch' }))).toContain(axis);
    const detail = frameText(screenLines(reduce(start, { kind: 'open' }), { columns: 110, rows: 60 }), false);
    const { scores } = cursorCandidate(start)!;
    expect(detail).toMatch(new RegExp(`${shown.short} [\\d.]+ ± [\\d.]+`));
    for (const { curve } of scores)
      expect(detail).toContain(
        `${sparkline(curve.map((row) => shown.ofEpoch(row)!))}  validation ${shown.short} by epoch`,
      );
    expect(`${frame(start)}${detail}${plainText(start)}`).not.toMatch(/top-1|NaN/);
    expect(frame(reduce(start, { kind: 'help' })).replace(/\s+/g, ' ')).toContain(`Fields: ${name}, cost`);
  });
  it('the detail and the plain text of a tested layout say what it has on the test split', () => {
    const detail = (of: ScreenState): string =>
      frameText(screenLines(reduce(of, { kind: 'open' }), { columns: 110, rows: 60 }), false);
    expect(`${detail(start)}${plainText(start)}`).not.toContain('test split');
    const tested = initialState(withTests(result, [start.order[0]!]));
    const values = (name === 'miou' ? [0.42, 0.43, 0.44] : [0.28, 0.29, 0.3]).map(shown.valueText);
    for (const value of values)
      expect(detail(tested)).toContain(`validation ${shown.short} by epoch  test split ${value}`);
    expect(plainText(tested)).toContain(
      `On the test split (500 images) ${cursorCandidate(tested)!.layout} has ${shown.short} ${values[1]} (mean of 3 seeds).`,
    );
    expect(tested.order).toEqual(start.order);
  });
  it('the front under the cursor of the first row holds the best', () =>
    expect(start.front.front).toContain(start.order[0]));
});

describe.each(['macs', 'params'] as const)('a screen whose cost is %s', (name) => {
  const start = initialState(denoisingResult({}, ['loss', name]));
  it('shows it once, as the cost, and never sorts by it twice', () => {
    expect(start.cost.id).toBe(name);
    const head = frame(start)
      .split('\n')
      .find((each) => /layout +loss/.test(each))!;
    for (const title of ['MACs', 'params']) expect(head.split(title).length).toBe(2);
    const seen = [1, 2, 3, 4]
      .reduce<ScreenState[]>((states) => [...states, reduce(states.at(-1)!, { kind: 'sort' })], [start])
      .map(({ sort }) => sort.column);
    expect(seen).toEqual(['score', 'cost', name === 'macs' ? 'params' : 'macs', 'layout', 'score']);
  });
  it('what was sorted by its own column is then sorted by the cost', () => {
    const other = initialState(denoisingResult({}, ['loss', name === 'macs' ? 'params' : 'macs']));
    const sorted = { ...other, sort: { column: name, down: true } };
    const at =
      other.costs.findIndex(({ id }) => id === name) -
      other.costs.findIndex(({ id }) => id === other.cost.id);
    expect(reduce(sorted, { kind: 'cost', by: at })).toMatchObject({
      cost: { id: name },
      sort: { column: 'cost', down: true },
    });
  });
});

it('a sweep whose first scores turn out to be a loss turns its order, unless another column is sorted by', () => {
  const named = (result: ReturnType<typeof fixtureResult>) => ({
    ...result,
    experiment: { ...result.experiment, objectives: ['top-1', 'macs'] },
  });
  const begun = initialState(named(fixtureResult({ seeds: 0, failures: false })));
  const after = (state: ScreenState): ScreenState =>
    reduce(state, { kind: 'result', result: named(denoisingResult()) });
  expect([begun.sort, after(begun).sort]).toEqual([
    { column: 'score', down: true },
    { column: 'score', down: false },
  ]);
  const byCost = reduce(begun, { kind: 'sort' });
  expect(after(byCost).sort).toEqual(byCost.sort);
});
