/**
 * Saves a figure as SVG or PNG at a column's width: it is drawn again, unseen, at that width, so that
 * letters keep their size. PDF files come from the browser's print dialogue.
 */
import { byId, el } from './dom.js';
import type { PlotElement } from './plots/plotly.js';
import { imageOf } from './plots/plotly.js';

export type ImageFormat = 'svg' | 'png';

/** CSS pixels of a millimetre. */
const pixelsPerMm = 96 / 25.4;
/** Of PNG files: 300 dots an inch. */
const pngScale = 300 / 96;
const heightShare = 0.74;

type Draw = (element: HTMLElement) => Promise<unknown>;

/**
 * Shows the buttons that save a figure or print the page.
 * @param drawer of a figure that is no chart; absent where all are
 */
export function listenToSaves(drawer?: (name: string) => Draw): void {
  for (const element of document.querySelectorAll<HTMLElement>('.save')) element.hidden = false;
  const print = byId('print');
  print.hidden = false;
  print.addEventListener('click', () => globalThis.print());
  for (const button of document.querySelectorAll<HTMLElement>('[data-save] button'))
    button.addEventListener('click', () => {
      const name = button.closest<HTMLElement>('[data-save]')!.dataset['save']!;
      const format = button.dataset['format'] as ImageFormat;
      const widthMm = Number(byId<HTMLSelectElement>('save-width').value);
      const chart = document.querySelector<SVGSVGElement>(`#figure-${name} svg`);
      if (chart) void saveChart(chart, name, format, widthMm);
      else if (drawer) void saveFigure(drawer(name), name, format, widthMm);
    });
}

/** @param draw draws the figure into an empty element @param name of the file, without its ending */
async function saveFigure(draw: Draw, name: string, format: ImageFormat, widthMm: number): Promise<void> {
  const width = Math.round(widthMm * pixelsPerMm);
  const height = Math.round(width * heightShare);
  const place = `position: absolute; left: -9999px; top: 0; width: ${width}px; height: ${height}px`;
  const element = el('div', { style: place, 'aria-hidden': 'true' });
  document.body.append(element);
  try {
    await draw(element);
    const scale = format === 'png' ? pngScale : 1;
    const url = await imageOf(element as unknown as PlotElement, { format, width, height, scale });
    download(blobOf(url), `${name}.${format}`);
  } finally {
    element.remove();
  }
}

/** Saves a chart of the page in the colours of its theme. */
async function saveChart(
  chart: SVGSVGElement,
  name: string,
  format: ImageFormat,
  widthMm: number,
): Promise<void> {
  const style = getComputedStyle(document.documentElement);
  const text = new XMLSerializer()
    .serializeToString(chart)
    .replace(/var\((--[\w-]+)\)/g, (_, variable: string) => style.getPropertyValue(variable).trim());
  const { width, height } = chart.viewBox.baseVal;
  const heightMm = (widthMm * height) / width;
  const sized = text
    .replace(/ width="[\d.]+"/, ` width="${widthMm}mm"`)
    .replace(/ height="[\d.]+"/, ` height="${heightMm.toFixed(2)}mm"`);
  if (format === 'svg') return download(new Blob([sized], { type: 'image/svg+xml' }), `${name}.svg`);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(sized)}`;
  await picture.decode();
  const canvas = el('canvas', {
    width: String(Math.round(widthMm * pixelsPerMm * pngScale)),
    height: String(Math.round(heightMm * pixelsPerMm * pngScale)),
  });
  const context = canvas.getContext('2d')!;
  context.fillStyle = style.getPropertyValue('--background');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  download(blobOf(canvas.toDataURL('image/png')), `${name}.png`);
}

/** The content of a data URL; the page's policy allows no request, not even for one. */
function blobOf(url: string): Blob {
  const comma = url.indexOf(',');
  const [head, body] = [url.slice(5, comma), url.slice(comma + 1)];
  const type = head.split(';')[0]!;
  if (!head.endsWith('base64')) return new Blob([decodeURIComponent(body)], { type });
  return new Blob([Uint8Array.from(atob(body), (character) => character.charCodeAt(0))], { type });
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
