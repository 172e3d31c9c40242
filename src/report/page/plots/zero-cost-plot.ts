/** Draws the rank correlation of each zero-cost score as a point with its interval. */
import type { ZeroCostInfo } from '../../figures/zero-cost-figure.js';
import { axis, baseLayout, colours, withOpacity } from './plot-style.js';
import { draw } from './plotly.js';

export async function drawZeroCost(element: HTMLElement, info: ZeroCostInfo): Promise<void> {
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
}
