/** Draws both kinds of layouts: every score, the means with intervals, and the differences as a table. */
import { signedIntervalText } from '../../../analysis/number-text.js';
import type { GroupsInfo } from '../../figures/groups-figure.js';
import { kindSymbols } from '../../kind-marks.js';
import type { PageData } from '../../page-data.js';
import { byId, el } from '../dom.js';
import { chanceLine } from './chance-line.js';
import { hasManyPoints } from './front-plot.js';
import { axis, baseLayout, type Colours, colours, unitSuffix, withOpacity } from './plot-style.js';
import { draw, type Trace } from './plotly.js';

const kinds = ['symmetric', 'asymmetric'] as const;
type Kind = (typeof kinds)[number];

export async function drawGroups(element: HTMLElement, info: GroupsInfo, data: PageData): Promise<void> {
  byId('group-differences').replaceChildren(differenceTable(info));
  const c = colours();
  const traces = kinds.flatMap((kind, row) => [
    memberTrace(kind, row, info, data, c),
    meanTrace(kind, row, info, c),
  ]);
  const drawn = (data.figures.front?.score.values ?? []).flatMap((value) =>
    value ? [value[0] * info.score.scale] : [],
  );
  await draw(element, traces, {
    ...baseLayout(c),
    ...chanceLine(info.score, drawn, 'x', c),
    xaxis: axis(c, `${info.score.label}${unitSuffix(info.score.unit)}`),
    yaxis: axis(c, '', {
      tickvals: [1, 0],
      ticktext: kinds,
      range: [-0.45, 1.55],
      showgrid: false,
      showline: false,
      ticks: '',
      fixedrange: true,
      tickfont: { color: c.text },
    }),
  });
}

function differenceTable({ differences, score }: GroupsInfo): HTMLTableElement {
  const text = ({ value, low, high }: GroupsInfo['differences'][number]): string => {
    if (value === undefined || low === undefined || high === undefined) return '–';
    return `${signedIntervalText({ value, low, high }, score.scale)}${score.unit === '%' ? ' points' : ''}`;
  };
  const rows = differences.map((difference) =>
    el(
      'tr',
      {},
      el('td', {}, difference.label),
      el('td', { class: 'r' }, text(difference)),
      el('td', {}, difference.verdict),
    ),
  );
  return el('table', {}, el('tbody', {}, ...rows));
}

/**
 * Of more architectures of a kind every n-th is drawn; means and differences are of all. A large page holds
 * fewer: the browser composes each mark by itself in every frame.
 */
const mostMembers = (data: PageData): number => (hasManyPoints(data) ? 400 : 1000);

/** Each architecture, shifted vertically in a fixed pattern so that equal scores stay visible. */
function memberTrace(kind: Kind, row: number, { score }: GroupsInfo, data: PageData, c: Colours): Trace {
  const scores = data.figures.front?.score.values ?? [];
  const all = data.candidates.flatMap((candidate, index) =>
    candidate.symmetry === kind && scores[index] ? [index] : [],
  );
  const step = Math.ceil(all.length / mostMembers(data));
  const members = all.filter((_, position) => position % step === 0);
  return {
    type: 'scatter',
    mode: 'markers',
    x: members.map((index) => scores[index]![0] * score.scale),
    y: members.map((_, i) => 1 - row + 0.1 + 0.05 * (i % 5)),
    customdata: members,
    hoverinfo: 'none',
    marker: { symbol: kindSymbols[kind], size: 7, color: withOpacity(c[kind], 0.5), line: { width: 0 } },
  };
}

function meanTrace(kind: Kind, row: number, { groups, score }: GroupsInfo, c: Colours): Trace {
  const { count, mean, low, high } = groups[row]!;
  const { scale, unit } = score;
  const interval =
    low === undefined || high === undefined
      ? {}
      : {
          error_x: {
            type: 'data',
            symmetric: false,
            array: [(high - mean) * scale],
            arrayminus: [(mean - low) * scale],
            color: c[kind],
            thickness: 2,
            width: 5,
          },
        };
  return {
    type: 'scatter',
    mode: 'markers',
    x: [mean * scale],
    y: [1 - row - 0.1],
    hovertemplate: `mean of ${count}: %{x:.4~g}${unit && ` ${unit}`}<extra></extra>`,
    marker: { symbol: kindSymbols[kind], size: 11, color: c[kind] },
    ...interval,
  };
}
