/** Exports one frame of the screen: as text, with or without ANSI colours, and as an SVG picture. */
import { escapeMarkup } from '../util/escape-markup.js';
import { type Line, textOf } from './styled-lines.js';
import { type TextStyle, textStyle } from './terminal-theme.js';

/** @param colour whether to write ANSI colour codes */
export function frameText(lines: readonly Line[], colour: boolean): string {
  return lines
    .map((each) =>
      colour
        ? each.map(({ text, role }) => ansi(text, textStyle(role, true))).join('')
        : textOf(each).trimEnd(),
    )
    .join('\n');
}

function ansi(text: string, look: TextStyle): string {
  const codes = [
    look.bold && '1',
    look.dim && '2',
    look.inverse && '7',
    look.colour && `38;2;${rgb(look.colour).join(';')}`,
  ].filter(Boolean);
  return codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;
}

const rgb = (hex: string): number[] => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

const picture = {
  ground: '#14171a',
  text: '#dfe3e6',
  dim: '#87919a',
  cell: { width: 8.4, height: 18 },
  size: 14,
  margin: 14,
} as const;

/** The frame as SVG. Text stays text; each span is placed at its column, so any monospace font fits. */
export function frameSvg(lines: readonly Line[], title: string): string {
  const { cell, margin } = picture;
  const columns = Math.max(...lines.map((each) => textOf(each).length));
  const [width, height] = [
    Math.ceil(columns * cell.width + 2 * margin),
    lines.length * cell.height + 2 * margin,
  ];
  const body = lines
    .map((each, row) => {
      let column = 0;
      return each
        .map(({ text, role }) => {
          const at = column;
          column += text.length;
          return spanSvg(text, textStyle(role, true), margin + at * cell.width, margin + row * cell.height);
        })
        .join('');
    })
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" \
viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}">
<title>${escapeMarkup(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${picture.ground}"/>
<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" \
font-size="${picture.size}">
${body}
</g>
</svg>
`;
}

function spanSvg(text: string, look: TextStyle, x: number, y: number): string {
  const { cell } = picture;
  const ground = look.inverse
    ? `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(text.length * cell.width)}" ` +
      `height="${cell.height}" fill="${look.colour ?? picture.text}"/>`
    : '';
  const fill = look.inverse ? picture.ground : (look.colour ?? (look.dim ? picture.dim : picture.text));
  // Viewers may collapse blanks, so each run of words is placed separately.
  const words = [...text.matchAll(/\S+(?: \S+)*/g)].map(
    ({ 0: shown, index }) =>
      `<text x="${fixed(x + index * cell.width)}" y="${fixed(y + cell.height * 0.74)}" ` +
      `textLength="${fixed(shown.length * cell.width)}" ` +
      `fill="${fill}"${look.bold ? ' font-weight="600"' : ''}>${escapeMarkup(shown)}</text>`,
  );
  return ground + words.join('');
}

const fixed = (value: number): string => String(Number(value.toFixed(1)));
