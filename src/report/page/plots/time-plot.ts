/** Draws the seconds of each kind of work as bars. */
import type { TimeInfo } from '../../figures/time-figure.js';
import { axis, baseLayout, colours, withOpacity } from './plot-style.js';
import { draw } from './plotly.js';

export async function drawTime(element: HTMLElement, info: TimeInfo): Promise<void> {
  const c = colours();
  const parts = [...info.parts].reverse();
  const total = parts.reduce((sum, part) => sum + part.seconds, 0);
  const texts = parts.map(
    (part) => `${duration(part.seconds)}, ${Math.round((100 * part.seconds) / total)} %`,
  );
  const longest = Math.max(0, ...texts.map((text) => text.length));
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
        text: texts,
        textposition: 'outside',
        cliponaxis: false,
        hoverinfo: 'skip',
        textfont: { color: c.text },
      },
    ],
    {
      ...baseLayout(c),
      margin: { l: 140, r: 14 + 7 * longest, t: 6, b: 44 }, // about 7 px a character

      xaxis: axis(c, 'Seconds', { nticks: 4 }),
      yaxis: axis(c, '', { showgrid: false, ticks: '', fixedrange: true, tickfont: { color: c.text } }),
    },
  );
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
