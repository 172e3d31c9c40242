/** The smaller figures' drawings, one entry per figure of `figures/figure-table.ts` besides the front. */
import { signedIntervalText } from '../../../analysis/number-text.js';
import type { FigureInfos } from '../../figures/figure-table.js';
import type { ScoreDisplay } from '../../figures/score-display.js';
import type { PageData } from '../../page-data.js';
import { byId, el } from '../dom.js';
import type { ViewState } from '../view-state.js';
import { axis, baseLayout, type Colours, colours, withOpacity } from './plot-style.js';
import { draw, type Layout, type Trace } from './plotly.js';

type FigurePlot<Info> = (
  element: HTMLElement,
  info: Info,
  data: PageData,
  state: ViewState,
) => Promise<unknown>;

export const figurePlots: {
  readonly [Name in Exclude<keyof FigureInfos, 'front'>]: FigurePlot<FigureInfos[Name]>;
} = {
  async throughput(element, info, data, state) {
    const c = colours();
    const lines = info.lines.map((line) => ({
      candidate: line.candidate,
      x: info.batches,
      y: line.imagesPerSecond,
    }));
    await draw(element, lineTraces(lines, data, state, c), {
      ...baseLayout(c),
      xaxis: axis(c, 'Batch size, images', {
        type: 'log',
        tickvals: info.batches,
        ticktext: info.batches.map(String),
      }),
      yaxis: axis(c, 'Throughput, images/s', { type: 'log', ...logTicks(lines.flatMap((line) => line.y)) }),
    });
  },
  async curves(element, info, data, state) {
    const c = colours();
    const scaled = (values: readonly number[]): number[] => values.map((value) => value * info.score.scale);
    const bands = info.lines
      .filter((line) => line.seeds > 1 && state.selected.includes(line.candidate))
      .map(
        (line): Trace => ({
          type: 'scatter',
          mode: 'lines',
          x: [...line.epochs, ...[...line.epochs].reverse()],
          y: [...scaled(line.high), ...scaled(line.low).reverse()],
          fill: 'toself',
          fillcolor: withOpacity(c[data.candidates[line.candidate]!.symmetry], 0.16),
          line: { width: 0 },
          hoverinfo: 'skip',
        }),
      );
    const lines = info.lines.map((line) => ({
      candidate: line.candidate,
      x: line.epochs,
      y: scaled(line.values),
    }));
    await draw(element, [...bands, ...lineTraces(lines, data, state, c)], {
      ...baseLayout(c),
      xaxis: axis(c, 'Epoch', {
        tickformat: 'd',
        ...(Math.max(...info.lines.flatMap((line) => line.epochs)) <= 12 ? { dtick: 1 } : { nticks: 10 }),
      }),
      yaxis: axis(c, `Validation ${info.score.short}${unitOf(info.score)}`),
    });
  },
  async groups(element, info, data) {
    const c = colours();
    byId('group-differences').replaceChildren(
      el(
        'table',
        {},
        el(
          'tbody',
          {},
          ...info.differences.map((difference) =>
            el(
              'tr',
              {},
              el('td', {}, difference.label),
              el(
                'td',
                { class: 'r' },
                difference.value === undefined ||
                  difference.low === undefined ||
                  difference.high === undefined
                  ? '–'
                  : `${signedIntervalText({ value: difference.value, low: difference.low, high: difference.high }, info.score.scale)}${info.score.unit === '%' ? ' points' : ''}`,
              ),
              el('td', {}, difference.verdict),
            ),
          ),
        ),
      ),
    );
    const rows = ['symmetric', 'asymmetric'] as const;
    const { scale, unit, label } = info.score;
    const scores = data.figures.front?.score.values ?? [];
    const traces = rows.flatMap((kind, row): Trace[] => {
      const members = data.candidates.flatMap((candidate, index) =>
        candidate.symmetry === kind && scores[index] ? [index] : [],
      );
      const group = info.groups[row]!;
      return [
        {
          // each architecture, moved apart vertically in a fixed pattern so that equal scores stay visible
          type: 'scatter',
          mode: 'markers',
          x: members.map((index) => scores[index]![0] * scale),
          y: members.map((_, i) => 1 - row + 0.1 + 0.05 * (i % 5)),
          customdata: members,
          hoverinfo: 'none',
          marker: {
            symbol: kind === 'symmetric' ? 'circle' : 'diamond',
            size: 7,
            color: withOpacity(c[kind], 0.5),
            line: { width: 0 },
          },
        },
        {
          type: 'scatter',
          mode: 'markers',
          x: [group.mean * scale],
          y: [1 - row - 0.1],
          hovertemplate: `mean of ${group.count}: %{x:.4~g}${unit && ` ${unit}`}<extra></extra>`,
          marker: { symbol: kind === 'symmetric' ? 'circle' : 'diamond', size: 11, color: c[kind] },
          ...(group.low === undefined || group.high === undefined
            ? {}
            : {
                error_x: {
                  type: 'data',
                  symmetric: false,
                  array: [(group.high - group.mean) * scale],
                  arrayminus: [(group.mean - group.low) * scale],
                  color: c[kind],
                  thickness: 2,
                  width: 5,
                },
              }),
        },
      ];
    });
    await draw(element, traces, {
      ...baseLayout(c),
      xaxis: axis(c, `${label}${unitOf(info.score)}`),
      yaxis: axis(c, '', {
        tickvals: [1, 0],
        ticktext: ['symmetric', 'asymmetric'],
        range: [-0.45, 1.55],
        showgrid: false,
        showline: false,
        ticks: '',
        fixedrange: true,
        tickfont: { color: c.text },
      }),
    });
  },
  async fidelity(element, info) {
    const c = colours();
    const traces = (['epochs', 'trained'] as const).map((kind): Trace => {
      const points = info.points.filter((point) => point.kind === kind);
      return {
        type: 'scatter',
        mode: kind === 'epochs' ? 'lines+markers' : 'markers',
        x: points.map((point) => point.seconds),
        y: points.map((point) => point.tau),
        customdata: points.map((point) => point.label),
        hovertemplate: '%{customdata}<br>tau %{y:.2f}, %{x:.3g} s a training<extra></extra>',
        line: { width: 1.2, color: withOpacity(c.text, 0.4) },
        marker: {
          size: 8,
          color: kind === 'epochs' ? withOpacity(c.text, 0.7) : c.asymmetric,
          symbol: kind === 'epochs' ? 'circle' : 'diamond',
        },
        error_y: {
          type: 'data',
          symmetric: false,
          array: points.map((point) => point.high - point.tau),
          arrayminus: points.map((point) => point.tau - point.low),
          color: withOpacity(c.text, 0.4),
          thickness: 1,
          width: 0,
        },
      };
    });
    const labels: Trace = {
      type: 'scatter',
      mode: 'text',
      x: info.points.map((point) => point.seconds),
      y: info.points.map((point) => point.low),
      text: info.points.map((point) =>
        point.label.replace(/ of \d+ epochs$/, (found) => (found.startsWith(' of') ? ' ep.' : found)),
      ),
      textposition: 'bottom center',
      textfont: { size: 11, color: c.text },
      hoverinfo: 'skip',
      cliponaxis: false,
    };
    await draw(element, [...traces, labels], {
      ...baseLayout(c),
      xaxis: axis(c, 'Seconds of one training', {
        type: 'log',
        ...logTicks([...info.points.map((point) => point.seconds), info.fullSeconds]),
      }),
      yaxis: axis(c, 'Kendall’s tau', {
        range: [Math.min(-0.1, ...info.points.map((point) => point.low - 0.12)), 1.05],
      }),
    });
  },
  async zeroCost(element, info) {
    const c = colours();
    const rows = [...info.rows].reverse();
    await draw(
      element,
      [
        {
          type: 'scatter',
          mode: 'markers',
          x: rows.map((row) => row.tau),
          y: rows.map((row) => row.measure),
          marker: {
            size: 9,
            color: rows.map((row) => (row.low > 0 || row.high < 0 ? c.text : withOpacity(c.text, 0.4))),
          },
          error_x: {
            type: 'data',
            symmetric: false,
            array: rows.map((row) => row.high - row.tau),
            arrayminus: rows.map((row) => row.tau - row.low),
            color: withOpacity(c.text, 0.5),
            thickness: 1.4,
            width: 0,
          },
          customdata: rows.map(
            (row) => `rho ${row.rho.toFixed(2)}, ${row.networks} networks, ${row.seconds} s each`,
          ),
          hovertemplate: '%{y}: tau %{x:.2f}<br>%{customdata}<extra></extra>',
        },
      ],
      {
        ...baseLayout(c),
        margin: { l: 150, r: 20, t: 6, b: 44 },
        xaxis: axis(c, `Kendall’s tau with the ranking by ${info.score.short}`, {
          range: [-1.05, 1.05],
          zeroline: true,
          zerolinecolor: withOpacity(c.text, 0.6),
        }),
        yaxis: axis(c, '', { showgrid: false, ticks: '', fixedrange: true, tickfont: { color: c.text } }),
      },
    );
  },
  async time(element, info) {
    const c = colours();
    const parts = [...info.parts].reverse();
    const total = parts.reduce((sum, part) => sum + part.seconds, 0);
    await draw(
      element,
      [
        {
          type: 'bar',
          orientation: 'h',
          y: parts.map((part) => part.label),
          x: parts.map((part) => part.seconds),
          marker: { color: withOpacity(c.text, 0.55) },
          width: 0.5,
          text: parts.map(
            (part) => `${duration(part.seconds)}, ${Math.round((100 * part.seconds) / total)} %`,
          ),
          textposition: 'outside',
          cliponaxis: false,
          hoverinfo: 'skip',
          textfont: { color: c.text },
        },
      ],
      {
        ...baseLayout(c),
        margin: { l: 140, r: 90, t: 6, b: 44 },
        xaxis: axis(c, 'Seconds'),
        yaxis: axis(c, '', { showgrid: false, ticks: '', fixedrange: true, tickfont: { color: c.text } }),
      },
    );
  },
};

const unitOf = ({ unit }: ScoreDisplay): string => (unit ? `, ${unit}` : '');

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** 1, 2 and 5 of each decade within the data. */
function logTicks(values: readonly (number | null)[]): Layout {
  const numbers = values.filter((value): value is number => value !== null && value > 0);
  if (numbers.length === 0) return {};
  const [low, high] = [Math.min(...numbers) / 1.5, Math.max(...numbers) * 1.5];
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++)
    for (const step of [1, 2, 5]) ticks.push(step * 10 ** decade);
  const within = ticks.filter((tick) => tick >= low && tick <= high);
  return { tickvals: within, ticktext: within.map((tick) => tick.toLocaleString('en')) };
}

/**
 * All lines of a kind in one trace, the selected ones on top by themselves: 2,000 lines stay as quick as two.
 */
function lineTraces(
  lines: readonly {
    readonly candidate: number;
    readonly x: readonly number[];
    readonly y: readonly (number | null)[];
  }[],
  data: PageData,
  state: ViewState,
  c: Colours,
): Trace[] {
  const some = state.selected.length > 0;
  const opacity = (some ? 0.16 : 0.5) * (lines.length > 200 ? 0.5 : 1);
  const joined = (['symmetric', 'asymmetric'] as const).map((kind): Trace => {
    const members = lines.filter(
      (line) =>
        data.candidates[line.candidate]!.symmetry === kind && !state.selected.includes(line.candidate),
    );
    return {
      type: 'scatter',
      mode: 'lines',
      x: members.flatMap((line) => [...line.x, null]),
      y: members.flatMap((line) => [...line.y, null]),
      connectgaps: false,
      customdata: members.flatMap((line) => [...line.x.map(() => line.candidate), null]),
      hoverinfo: 'none',
      line: { width: 1.2, color: withOpacity(c[kind], opacity) },
    };
  });
  const chosen = lines
    .filter((line) => state.selected.includes(line.candidate))
    .slice(-12)
    .map(
      (line): Trace => ({
        type: 'scatter',
        mode: 'lines+markers',
        x: line.x,
        y: line.y,
        customdata: line.x.map(() => line.candidate),
        hoverinfo: 'none',
        line: { width: 2.4, color: c[data.candidates[line.candidate]!.symmetry] },
        marker: {
          size: 6,
          symbol: data.candidates[line.candidate]!.symmetry === 'symmetric' ? 'circle' : 'diamond',
        },
      }),
    );
  return [...joined, ...chosen];
}
