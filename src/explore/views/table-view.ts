/** The layouts as a table, one line each, scrolled so that the inverted cursor line stays visible. */
import { formatText } from '../../analysis/number-text.js';
import type { Objective } from '../../analysis/objectives/objectives.js';
import { objective } from '../../analysis/objectives/objectives.js';
import { symmetryKinds } from '../../architecture/layout.js';
import type { CandidateResult } from '../../store/experiment-result.js';
import { rowKey } from '../row-key.js';
import type { ScreenState, SortColumn } from '../screen-state.js';
import { shownColumns } from '../screen-state.js';
import type { Line, Span } from '../styled-lines.js';
import { block, fit, layoutSpans, line, span, widthOf, withRole } from '../styled-lines.js';
import { glyphs } from '../terminal-theme.js';

interface Column {
  readonly name: SortColumn | 'mark';
  readonly title: string;
  readonly right: boolean;
  cell(candidate: CandidateResult, index: number): Span[];
}

function columnsOf(state: ScreenState): Column[] {
  const { score, cost } = state;
  const onFront = new Set(state.front.front);
  const tied = new Set(state.front.ties.flat());
  const number = (text: string | undefined): Span[] => {
    if (text === undefined) return [span('–', 'muted')];
    const [value = '', half] = text.split(' ± ');
    return half === undefined ? [span(value)] : [span(value), span(` ± ${half}`, 'muted')];
  };
  const measured = (each: Objective, candidate: CandidateResult): Span[] => {
    const at = each.read(candidate);
    return number(at && formatText(each.format, at, each.scale));
  };
  return [
    {
      name: 'mark',
      title: '',
      right: false,
      cell: (candidate, index) => [
        span(onFront.has(index) ? glyphs.front : ' ', 'front'),
        span(tied.has(index) ? glyphs.tied : ' ', 'muted'),
        span(glyphs[candidate.symmetry], candidate.symmetry),
      ],
    },
    {
      name: 'layout',
      title: 'layout',
      right: false,
      cell: (candidate) => [
        ...layoutSpans(candidate.layout),
        ...(candidate.failures.length > 0 ? [span(` ${glyphs.failed}`, 'warning')] : []),
      ],
    },
    {
      name: 'score',
      title: `${score.short}${score.unit && ` ${score.unit}`}`,
      right: true,
      cell: (candidate) => measured(score, candidate),
    },
    { name: 'cost', title: cost.short, right: true, cell: (candidate) => measured(cost, candidate) },
    {
      name: 'params',
      title: 'params',
      right: true,
      cell: (candidate) =>
        number(
          objective('params').text({
            value: candidate.params,
            low: candidate.params,
            high: candidate.params,
          }),
        ),
    },
    {
      name: 'macs',
      title: 'MACs',
      right: true,
      cell: (candidate) =>
        number(objective('macs').text({ value: candidate.macs, low: candidate.macs, high: candidate.macs })),
    },
  ];
}

/** The marks of the kinds. */
export const kindSpans: Line = symmetryKinds.flatMap((kind) => [
  span(glyphs[kind], kind),
  span(` ${kind}  `, 'muted'),
]);

/** The position, and what the marks mean. */
const legend = (position: string): Line => [
  span(`${position}  `, 'muted'),
  ...kindSpans,
  span(`${glyphs.front} front  ${glyphs.tied} tied  ${glyphs.failed} failed`, 'muted'),
];

export function tableView(state: ScreenState, width: number, height: number): Line[] {
  if (state.result.candidates.length === 0)
    return block([line('no layout has results yet', 'muted')], width, height);
  if (state.order.length === 0) return block([line('no layout matches the filter', 'muted')], width, height);
  const rows = Math.max(1, height - 2);
  const at = Math.max(
    0,
    state.order.findIndex((index) => rowKey(state.result.candidates[index]!) === state.cursor),
  );
  const from = Math.max(0, Math.min(at - Math.floor(rows / 2), state.order.length - rows));
  const shown = state.order.slice(from, from + rows);
  const columns = columnsOf(state).filter(
    ({ name }) => name === 'mark' || shownColumns(state).includes(name),
  );
  const cells = shown.map((index) =>
    columns.map((column) => column.cell(state.result.candidates[index]!, index)),
  );
  const arrow = state.sort.down ? '↓' : '↑';
  const titles = columns.map(({ name, title }) => (name === state.sort.column ? `${title}${arrow}` : title));
  const widths = columns.map((_, column) =>
    Math.max(titles[column]!.length, ...cells.map((row) => widthOf(row[column]!))),
  );
  const gap = widths.reduce((sum, each) => sum + each + 2, -2) <= width ? 2 : 1;
  const join = (row: readonly Line[]): Line =>
    row.flatMap((cell, column) => {
      const blank = span(' '.repeat(Math.max(0, widths[column]! - widthOf(cell))));
      return [...(columns[column]!.right ? [blank, ...cell] : [...cell, blank]), span(' '.repeat(gap))];
    });
  const position = `${at + 1}/${state.order.length}`;
  const head = fit(join(titles.map((title) => [span(title, 'muted')])), width);
  const body = shown.map((index, row) => {
    const whole = fit(join(cells[row]!), width);
    return rowKey(state.result.candidates[index]!) === state.cursor ? withRole(whole, 'cursor') : whole;
  });
  return block(
    [
      head,
      ...body,
      ...Array.from({ length: rows - shown.length }, () => []),
      legend(`${position}${from + rows < state.order.length ? ' ↓' : ''}`),
    ],
    width,
    height,
  );
}
