import { describe, expect, it } from 'vitest';
import { actionOf, keyBindings } from '../../src/explore/key-bindings.js';
import {
  type Action,
  cursorCandidate,
  initialState,
  reduce,
  type ScreenState,
} from '../../src/explore/screen-state.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const result = fixtureResult();
const start = initialState(result);
const after = (...actions: Action[]): ScreenState => actions.reduce(reduce, start);
const layouts = (state: ScreenState): string[] =>
  state.order.map((index) => state.result.candidates[index]!.layout);

describe('reduce', () => {
  it('starts by falling accuracy with the cursor on the first', () => {
    const scores = start.order.map((index) => result.candidates[index]!.top1?.value ?? -1);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(cursorCandidate(start)).toBe(result.candidates[start.order[0]!]);
  });
  it('moves within the list and no further', () => {
    expect(cursorCandidate(after({ kind: 'move', by: -1 }))).toBe(cursorCandidate(start));
    expect(cursorCandidate(after({ kind: 'move', by: 2 }))).toBe(result.candidates[start.order[2]!]);
    expect(cursorCandidate(after({ kind: 'to-end', last: true }, { kind: 'move', by: 5 }))).toBe(
      result.candidates[start.order.at(-1)!],
    );
  });
  it('filters, keeps the cursor where it stays in the list and moves it where it does not', () => {
    const filtered = after({ kind: 'filter-start' }, { kind: 'filter-text', text: 'symmetric' });
    expect(filtered.order.every((index) => result.candidates[index]!.symmetry === 'symmetric')).toBe(true);
    expect(cursorCandidate(filtered)!.layout).toBe(layouts(filtered)[0]);
    expect(reduce(filtered, { kind: 'filter-clear' })).toMatchObject({
      filter: '',
      typing: false,
      cursor: filtered.cursor,
    });
    expect(after({ kind: 'filter-text', text: 'speed>1' }).filterProblem).toContain('got "speed"');
  });
  it('moves over arms of an ablation that share an architecture', () => {
    const shared = {
      ...result,
      candidates: result.candidates.map((each, index) => ({
        ...each,
        architectureId: 'same',
        arm: `factor = ${index}`,
      })),
    };
    const states = [0, 1, 2].map((by) => reduce(initialState(shared), { kind: 'move', by }));
    expect(new Set(states.map(({ cursor }) => cursor)).size).toBe(3);
    const step = reduce(reduce(initialState(shared), { kind: 'move', by: 1 }), { kind: 'move', by: 1 });
    expect(step.cursor).toBe(states[2]!.cursor);
  });
  it('front-only goes on and off and keeps other words', () => {
    const on = after({ kind: 'filter-text', text: '!failed' }, { kind: 'front-only' });
    expect(on.filter).toBe('!failed front');
    expect(new Set(on.order)).toEqual(new Set(on.front.front));
    expect(reduce(on, { kind: 'front-only' }).filter).toBe('!failed');
  });
  it('sorts by each column in turn, both ways', () => {
    const byCost = after({ kind: 'sort' });
    expect(byCost.sort).toEqual({ column: 'cost', down: true });
    const params = reduce(byCost, { kind: 'sort' });
    expect(params.sort).toEqual({ column: 'params', down: false });
    expect(reduce(params, { kind: 'turn' }).order).not.toEqual(params.order);
  });
  it('another cost changes the front; going around comes back', () => {
    const other = after({ kind: 'cost', by: 1 });
    expect(other.cost.id).not.toBe(start.cost.id);
    expect(reduce(other, { kind: 'cost', by: -1 }).front.front).toEqual(start.front.front);
  });
  it('along-cost walks the plotted points by rising cost', () => {
    const left = after({ kind: 'along-cost', by: -99 });
    const right = reduce(left, { kind: 'along-cost', by: 1 });
    const x = (state: ScreenState): number => state.cost.read(cursorCandidate(state)!)!.value;
    expect(x(right)).toBeGreaterThan(x(left));
  });
  it('detail and help return to where they were opened', () => {
    const detail = after({ kind: 'switch' }, { kind: 'open' });
    expect([detail.screen, reduce(detail, { kind: 'back' }).screen]).toEqual(['detail', 'plot']);
    const help = reduce(after({ kind: 'open' }), { kind: 'help' });
    expect([
      help.screen,
      reduce(help, { kind: 'back' }).screen,
      reduce(help, { kind: 'help' }).screen,
    ]).toEqual(['help', 'detail', 'detail']);
    expect(reduce(reduce(help, { kind: 'back' }), { kind: 'back' }).screen).toBe('table');
    const deep = [{ kind: 'help' }, { kind: 'back' }, { kind: 'back' }, { kind: 'back' }] as const;
    expect(deep.reduce<ScreenState>(reduce, detail).screen).toBe('plot');
  });
  it('a new result keeps cursor, filter, sort and cost', () => {
    const before = after(
      { kind: 'cost', by: 3 },
      { kind: 'filter-text', text: 'CTT' },
      { kind: 'move', by: 2 },
      { kind: 'problem', text: 'x' },
    );
    const grown = reduce(before, { kind: 'result', result: fixtureResult({ candidates: 30 }) });
    expect(grown).toMatchObject({ cursor: before.cursor, filter: 'CTT', sort: before.sort, problem: '' });
    expect(grown.cost.id).toBe(before.cost.id);
    expect(grown.order.length).toBeGreaterThan(before.order.length);
  });
  it('an empty result has no cursor and every action leaves it standing', () => {
    const empty = initialState(fixtureResult({ candidates: 0 }));
    for (const { action } of keyBindings)
      if (action !== 'quit') expect(reduce(empty, action).cursor).toBeUndefined();
  });
});

describe('actionOf', () => {
  it('every binding has a doc and reaches its action on its screens', () => {
    for (const binding of keyBindings) {
      expect(binding.doc.length).toBeGreaterThan(2);
      for (const screen of binding.on ?? (['table', 'plot', 'detail', 'help'] as const)) {
        for (const key of binding.keys) expect(actionOf(key, { screen, typing: false })).toBe(binding.action);
      }
    }
  });
  it('keys are text while a filter is typed', () => {
    expect(actionOf('q', { screen: 'table', typing: true })).toEqual({ kind: 'filter-text', text: 'q' });
    expect(actionOf('return', { screen: 'table', typing: true })).toEqual({ kind: 'filter-done' });
    expect(actionOf('escape', { screen: 'table', typing: true })).toEqual({ kind: 'filter-clear' });
    expect(actionOf('pageDown', { screen: 'table', typing: true })).toBeUndefined();
  });
});
