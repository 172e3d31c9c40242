import { describe, expect, it } from 'vitest';
import { hypervolumeShare } from '../../src/analysis/pareto/pareto-front.js';
import { frameSvg, frameText } from '../../src/explore/frame.js';
import { plainText } from '../../src/explore/run-explore.js';
import { screenLines } from '../../src/explore/screen.js';
import { type Action, initialState, reduce, type ScreenState } from '../../src/explore/screen-state.js';
import { textOf } from '../../src/explore/styled-lines.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const start = initialState(fixtureResult());
const after = (...actions: Action[]): ScreenState => actions.reduce(reduce, start);
const frame = (state: ScreenState, columns: number, rows: number): string =>
  frameText(screenLines(state, { columns, rows }), false);

describe('screenLines', () => {
  it.each<[string, ScreenState, number, number]>([
    ['table', start, 80, 24],
    ['plot', after({ kind: 'switch' }), 80, 24],
    ['detail', after({ kind: 'open' }), 80, 24],
    ['help', after({ kind: 'help' }), 80, 24],
    ['table beside plot', start, 130, 34],
    ['all at once', start, 200, 60],
    [
      'filter being typed',
      after({ kind: 'filter-start' }, { kind: 'filter-text', text: 'CC-*-TTTT top-1>60' }),
      80,
      24,
    ],
    ['latency', after({ kind: 'switch' }, { kind: 'cost', by: 1 }, { kind: 'cost', by: 1 }), 80, 24],
  ])('%s at its size', (_, state, columns, rows) => expect(frame(state, columns, rows)).toMatchSnapshot());

  it('80×24: no line of help and detail is cut off; 120×40: table and plot are both there', () => {
    const result = fixtureResult({ candidates: 12 });
    const first = initialState(result);
    for (const kind of ['help', 'open'] as const) {
      const lines = screenLines(reduce(first, { kind }), { columns: 80, rows: 24 }).map(textOf);
      expect(lines.slice(1).filter((text) => text.trimEnd().endsWith('…'))).toEqual([]);
    }
    const both = screenLines(first, { columns: 120, rows: 40 }).map(textOf).join('\n');
    expect(both).toContain('higher is better →');
    expect(both.match(/^.*CC-[CT]{4}-[CT]{4}-[CT]{4}.*$/gm)!.length).toBeGreaterThanOrEqual(10);
    expect(both).toContain('● symmetric  ◆ asymmetric  ■ unmixed  ▸ front  = tied  ! failed');
  });

  it('help and quit stay in the last line beside a filter', () => {
    const text = 'front top-1>10 params<600k';
    const state = after({ kind: 'filter-start' }, { kind: 'filter-text', text }, { kind: 'filter-done' });
    const last = screenLines(state, { columns: 80, rows: 24 }).map(textOf).at(-1)!;
    expect(last).toContain(`filter: ${text}`);
    expect(last.trimEnd()).toMatch(/\? help {2}q quit$/);
  });

  it('fills exactly the size it is given, whatever it shows', () => {
    const states = [
      start,
      after({ kind: 'switch' }),
      after({ kind: 'open' }),
      after({ kind: 'help' }),
      after({ kind: 'filter-start' }, { kind: 'filter-text', text: 'nothing' }),
    ];
    for (const state of [
      ...states,
      initialState(fixtureResult({ candidates: 0 })),
      initialState(fixtureResult({ candidates: 4, seeds: 0 })),
    ]) {
      for (const [columns, rows] of [
        [80, 24],
        [60, 16],
        [59, 12],
        [124, 30],
        [100, 50],
        [200, 60],
        [20, 5],
      ] as const) {
        const lines = screenLines(state, { columns, rows });
        expect(lines.length).toBe(rows);
        expect(lines.every((line) => textOf(line).length === columns)).toBe(true);
      }
    }
  });
  it('shows the trials of a search, and the hypervolume of the front that is shown', () => {
    const result = fixtureResult();
    const state = initialState({ ...result, search: { answered: 12 } });
    const share = hypervolumeShare(state.front)!;
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    const line = `, 12 trials, hypervolume ${share.toFixed(3)}`;
    expect(
      frame(state, 120, 30)
        .split('\n')
        .filter((text) => text.includes(line)),
    ).toHaveLength(1);
    const other = reduce(state, { kind: 'cost', by: 1 });
    expect(frame(other, 120, 30)).toContain(`hypervolume ${hypervolumeShare(other.front)!.toFixed(3)}`);
    expect(frame(initialState({ ...result, search: { answered: 1 } }), 120, 30)).toContain(
      ', 1 trial, hypervolume',
    );
    expect(frame(initialState(result), 120, 30)).not.toContain('hypervolume');
  });
  it('shows progress and failures of a sweep under way', () => {
    const result = fixtureResult();
    const text = frame(initialState({ ...result, jobs: { planned: 40, done: 9, failed: 1 } }), 80, 24);
    expect(text).toContain('━━━╌╌╌╌╌╌╌╌╌ 10/40 jobs, 1 failed');
    expect(text).not.toContain('finished');
  });
  it('a hostile name cannot reach the terminal', () => {
    const result = fixtureResult({ candidates: 2, name: '\x1b[2J\x07evil\u202e名' });
    const text = frame(
      initialState({
        ...result,
        candidates: result.candidates.map((each) => ({
          ...each,
          layout: 'C\x1b]0;x\x07\r\nT\u0000',
          failures: [{ job: 'train' as const, status: '\x1b[31m', reason: '\u0085\u009b2J' }],
        })),
      }),
      80,
      24,
    );
    const detail = frame(
      reduce(initialState({ ...result, candidates: result.candidates }), { kind: 'open' }),
      80,
      24,
    );
    // eslint-disable-next-line no-control-regex
    expect(`${text}${detail}`).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text).toContain('·[2J·evil··');
  });
  it('without colour the kinds still differ by glyph and the cursor by its place', () => {
    const text = frame(start, 80, 24);
    expect(text).toContain('▸ ◆  CC-CCCT-TTTT-CCTT');
    expect(text).toContain('1/18');
  });
});

describe('frames outside of a terminal', () => {
  it('frameText with colour holds the same characters', () => {
    const lines = screenLines(start, { columns: 80, rows: 24 });
    const coloured = frameText(lines, true);
    expect(coloured).toContain('\x1b[1;38;2;61;143;209mC');
    // eslint-disable-next-line no-control-regex
    expect(
      coloured
        .replace(/\x1b\[[\d;]*m/g, '')
        .split('\n')
        .map((each) => each.trimEnd()),
    ).toEqual(frameText(lines, false).split('\n'));
  });
  it('frameSvg escapes its texts and holds no script', () => {
    const svg = frameSvg(
      screenLines(initialState(fixtureResult({ candidates: 3, name: '<script>&"' })), {
        columns: 80,
        rows: 24,
      }),
      '<b>',
    );
    expect(svg).toMatch(/^<svg xmlns/);
    expect(svg).not.toMatch(/<script|<b>/);
    expect(svg).toContain('&#60;script&#62;');
    expect(svg).not.toMatch(/<text[^>]*>[^<]* {2}/); // runs of blanks may be folded by a viewer
  });
  it('plainText says what was found and lists every layout', () => {
    const text = plainText(start);
    expect(text.split('\n')[0]).toBe(start.findings.headline);
    expect(text.match(/^.*CC-[CT]{4}-[CT]{4}-[CT]{4} .*(?:metric|unmixed).*$/gm)!.length).toBe(18);
  });
});
