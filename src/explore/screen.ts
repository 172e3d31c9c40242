/**
 * The whole screen as lines, from the state and the terminal's size. Progress and conclusions come first,
 * then table, plot or detail, or several of them where there is room, then the keys.
 */
import { hypervolumeShare } from '../analysis/pareto/pareto-front.js';
import { resolutionNote } from '../analysis/summary/comparable.js';
import { computeText } from '../runtime/compute.js';
import { damageText } from '../store/damage/damaged-row.js';
import { keyBindings } from './key-bindings.js';
import type { ScreenState } from './screen-state.js';
import { beside, block, fit, type Line, line, plainName, span, widthOf, wrap } from './styled-lines.js';
import { detailView } from './views/detail-view.js';
import { helpView } from './views/help-view.js';
import { plotView } from './views/plot-view.js';
import { kindSpans, tableView } from './views/table-view.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Smallest supported terminal. */
export const smallest: Size = { columns: 60, rows: 16 };

/** Exactly `size.rows` lines of `size.columns`. */
export function screenLines(state: ScreenState, size: Size): Line[] {
  const { columns, rows } = size;
  if (columns < smallest.columns || rows < smallest.rows) {
    return block(
      [
        line(
          `the terminal must have at least ${smallest.columns}×${smallest.rows} cells, ` +
            `got ${columns}×${rows}`,
          'warning',
        ),
      ],
      columns,
      rows,
    );
  }
  const head = headLines(state, columns, rows);
  return [...head, ...bodyLines(state, columns, rows - head.length - 1), footLine(state, columns)]
    .map((each) => fit(each, columns))
    .slice(0, rows);
}

function headLines(state: ScreenState, columns: number, rows: number): Line[] {
  const { experiment, jobs, device, datasetName } = state.result;
  const name = plainName(experiment.name);
  const { key } = device;
  const runtime = `${key.runtime}, ${key.execution}${computeText(key)}`;
  const where = `${plainName(datasetName)} · ${plainName(key.device)}, ${runtime}`;
  const top = [
    span(name, 'title'),
    span('  '),
    ...progress(jobs),
    ...searchSpans(state),
    span('  '),
    span(where, 'muted'),
  ];
  const problem = state.problem ? [line(plainName(state.problem), 'warning')] : [];
  const { damaged = [] } = state.result;
  if (damaged.length > 0)
    problem.push(
      line(
        `${damaged.length} damaged ${damaged.length === 1 ? 'value' : 'values'}, e.g. ` +
          `${plainName(damageText(damaged[0]!))}`,
        'warning',
      ),
    );
  const found = conclusions(state, columns, rows);
  const note = resolutionNote(state.result, state.score);
  const resolution = note === undefined ? [] : [line(note, 'muted')];
  return [top, ...problem, ...resolution, ...found, []];
}

/** The headline, and as many whole sentences as fit. */
function conclusions({ findings }: ScreenState, columns: number, rows: number): Line[] {
  const room = headlineRows(rows);
  const shown = wrap(plainName(findings.headline), columns, 'strong').slice(0, room);
  const sentences = rows >= 30 ? findings.sentences.slice(0, rows >= 40 ? undefined : 1) : [];
  for (const sentence of sentences) {
    const lines = wrap(plainName(sentence), columns, 'plain');
    if (shown.length + lines.length > room) break;
    shown.push(...lines);
  }
  return shown;
}

/** Rows of the conclusions on a screen of `rows`. */
function headlineRows(rows: number): number {
  if (rows < 30) return 2;
  return rows < 40 ? 4 : 8;
}

/** `━━━━━╌╌╌ 24/36 jobs, 2 failed`. */
function progress({ planned, done, failed }: ScreenState['result']['jobs']): Line {
  const ended = done + failed;
  const cells = 12;
  const full = planned > 0 ? Math.min(cells, Math.floor((cells * ended) / planned)) : 0;
  return [
    span('━'.repeat(full), 'good'),
    span('╌'.repeat(cells - full), 'muted'),
    span(` ${ended}/${planned} jobs`),
    ...(failed > 0 ? [span(`, ${failed} failed`, 'warning')] : []),
    ...(ended >= planned && planned > 0 ? [span(', finished', 'muted')] : []),
  ];
}

/** `, 12 trials, hypervolume 0.812`: the share of the box from the best values to the reference point. */
function searchSpans({ result, front }: ScreenState): Line {
  if (!result.search) return [];
  const { answered } = result.search;
  const share = hypervolumeShare(front);
  const volume = share === undefined ? '' : `, hypervolume ${share.toFixed(3)}`;
  return [span(`, ${answered} ${answered === 1 ? 'trial' : 'trials'}${volume}`)];
}

/** Below a plot that stands alone. */
const plotLegend: Line = [...kindSpans, span('hollow: not on the front  │ interval', 'muted')];

/** Fewest rows in which table and plot stand one above the other. */
const stackedRows = 26;

function stacked(state: ScreenState, columns: number, rows: number): Line[] {
  const tableRows = Math.min(state.order.length + 2, Math.floor(0.45 * rows));
  return [
    ...tableView(state, columns, tableRows),
    fit([], columns),
    ...plotView(state, columns, rows - tableRows - 1),
  ];
}

function bodyLines(state: ScreenState, columns: number, rows: number): Line[] {
  if (state.screen === 'help') return helpView(state, columns, rows);
  if (columns < 124) {
    if (state.screen === 'detail') return detailView(state, columns, rows);
    if (rows >= stackedRows) return stacked(state, columns, rows);
    if (state.screen !== 'plot') return tableView(state, columns, rows);
    return [...plotView(state, columns, rows - 1), plotLegend];
  }
  const left = Math.min(80, Math.floor(columns * 0.52));
  const right = columns - left - 3;
  const table = tableView(state, left, rows);
  if (state.screen === 'detail') return beside(table, detailView(state, right, rows), 3);
  if (rows < 40) return beside(table, plotView(state, right, rows), 3);
  const plotRows = Math.max(20, rows - 22);
  return beside(
    table,
    [
      ...plotView(state, right, plotRows - 1),
      fit([], right),
      ...detailView({ ...state, scroll: 0 }, right, rows - plotRows),
    ],
    3,
  );
}

/** Tab leads to the other of table and plot. */
const hintOf = ({ action, hint }: (typeof keyBindings)[number], { screen }: ScreenState): string =>
  action !== 'quit' && action.kind === 'switch' && screen === 'plot' ? 'table' : hint!;

function footLine(state: ScreenState, columns: number): Line {
  if (state.typing)
    return [
      span('filter: ', 'key'),
      span(state.filter),
      span(' ', 'cursor'),
      span(
        state.filterProblem ? `  ${state.filterProblem}` : '   Enter keeps, Esc clears',
        state.filterProblem ? 'warning' : 'muted',
      ),
    ];
  const filter = state.filter
    ? [span(`filter: ${state.filter}`, state.filterProblem ? 'warning' : 'good'), span('  ')]
    : [];
  const hints = keyBindings
    .filter((binding) => binding.hint !== undefined && (binding.on ?? [state.screen]).includes(state.screen))
    .map((binding): Line => [span(binding.label, 'key'), span(` ${hintOf(binding, state)}  `, 'muted')]);
  // help and quit, the last two, stay where there is no room for all
  while (hints.length > 2 && widthOf([...filter, ...hints.flat()]) > columns) hints.splice(-3, 1);
  const line = [...filter, ...hints.flat()];
  return widthOf(line) <= columns ? line : fit(line, columns);
}
