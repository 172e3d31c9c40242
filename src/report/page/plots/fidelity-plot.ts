/** Draws rank correlation against the cost of one training. */
import type { FidelityInfo } from '../../figures/fidelity-figure.js';
import { axis, baseLayout, colours, logTicks, withOpacity } from './plot-style.js';
import { draw, type Trace } from './plotly.js';

export async function drawFidelity(element: HTMLElement, info: FidelityInfo): Promise<void> {
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
}
