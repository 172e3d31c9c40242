/**
 * A scatter plot in characters: points are glyphs, the front is a braille step line under them, axes have
 * units. A cell has 2×4 braille dots, so the line is four times finer than the rows.
 */

import { fixedText } from '../analysis/number-text.js';
import { rangeOf } from '../util/statistics/range-of.js';
import type { Line } from './styled-lines.js';
import { fit, line, span } from './styled-lines.js';
import type { Role } from './terminal-theme.js';

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly glyph: string;
  readonly role: Role;
  /** Points of higher weight are drawn over others. */
  readonly weight: number;
}
export interface PlotInput {
  readonly points: readonly PlotPoint[];
  /** Points of the front by ascending x, joined by steps. */
  readonly front: readonly (readonly [number, number])[];
  /** `higher`: a step goes along y first, then along x; `lower`: the reverse. */
  readonly xBetter: 'higher' | 'lower';
  readonly xTitle: string;
  readonly yTitle: string;
  xText(value: number): string;
  /** A level of y that is drawn as a dotted line with its text, such as chance. */
  readonly level?: { readonly y: number; readonly text: string };
  readonly cursor?: { readonly x: number; readonly y: number; readonly low: number; readonly high: number };
}

interface Cell {
  text: string;
  role: Role;
  weight: number;
  dots: number;
}
/** Bits of a braille pattern by column and row of its dots (Unicode 2800–28FF). */
const dotBits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/**
 * @returns `height` lines of `width`: y title, plot, axis, ticks and x title; a note below 6 lines or 24
 * columns
 */
export function plotLines(input: PlotInput, width: number, height: number): Line[] {
  if (height < 6 || width < 24) return [fit(line('too small for the plot', 'muted'), width)];
  if (input.points.length === 0)
    return [
      fit(line(input.yTitle, 'muted'), width),
      [],
      fit(line('  no layout has both a score and this cost yet', 'muted'), width),
    ];
  const rows = height - 4;
  const yRange = paddedRange(
    input.points
      .flatMap((point) => [point.y])
      .concat(input.cursor ? [input.cursor.low, input.cursor.high] : [])
      .concat(input.level ? [input.level.y] : []),
  );
  const yTicks = niceTicks(yRange, Math.max(2, Math.floor(rows / 2.5)));
  const yDecimals = decimalsOf(yTicks);
  const margin = Math.max(...yTicks.map((tick) => fixedText(tick, yDecimals).length)) + 2;
  const columns = width - margin - 1;
  const xRange = paddedRange(input.points.map((point) => point.x));
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, (): Cell => ({ text: ' ', role: 'plain', weight: -1, dots: 0 })),
  );
  const toX = (value: number): number => ((value - xRange[0]) / (xRange[1] - xRange[0])) * (columns * 2 - 1);
  const toY = (value: number): number => ((yRange[1] - value) / (yRange[1] - yRange[0])) * (rows * 4 - 1);

  if (input.level) drawLevel(cells, Math.round(toY(input.level.y)) >> 2, input.level.text);
  drawFrontLine(cells, input, toX, toY);
  if (input.cursor) drawInterval(cells, input.cursor, toX, toY);
  for (const point of input.points)
    putGlyph(
      cells,
      Math.round(toX(point.x)) >> 1,
      Math.round(toY(point.y)) >> 2,
      point.glyph,
      point.role,
      point.weight,
    );

  const tickRows = new Map(yTicks.map((tick) => [Math.round(toY(tick)) >> 2, fixedText(tick, yDecimals)]));
  const body = cells.map((row, index): Line => {
    const label = tickRows.get(index);
    return [
      span(`${(label ?? '').padStart(margin - 1)} `, 'muted'),
      span(label === undefined ? '│' : '┤', 'muted'),
      ...spansOf(row),
    ];
  });
  return [
    fit(line(input.yTitle, 'muted'), width),
    ...body,
    ...xAxis(input, xRange, toX, margin, columns),
  ].map((each) => fit(each, width));
}

function putGlyph(
  cells: Cell[][],
  column: number,
  row: number,
  text: string,
  role: Role,
  weight: number,
): void {
  const cell = cells[row]?.[column];
  if (cell && weight >= cell.weight) Object.assign(cell, { text, role, weight });
}

function putDot(cells: Cell[][], x: number, y: number): void {
  const cell = cells[y >> 2]?.[x >> 1];
  if (!cell) return;
  cell.dots |= dotBits[x & 1]![y & 3]!;
  if (cell.weight <= 0)
    Object.assign(cell, { text: String.fromCharCode(0x2800 + cell.dots), role: 'step', weight: 0 });
}

function drawFrontLine(
  cells: Cell[][],
  input: PlotInput,
  toX: (value: number) => number,
  toY: (value: number) => number,
): void {
  const corners = input.front.map(([x, y]) => [Math.round(toX(x)), Math.round(toY(y))] as const);
  for (let index = 1; index < corners.length; index++) {
    const [x0, y0] = corners[index - 1]!;
    const [x1, y1] = corners[index]!;
    const [atX, atY] = input.xBetter === 'higher' ? [x0, y1] : [x1, y0];
    for (let y = Math.min(y0, y1); y <= Math.max(y0, y1); y++) putDot(cells, atX, y);
    for (let x = Math.min(x0, x1); x <= Math.max(x0, x1); x++) putDot(cells, x, atY);
  }
}

/** A dotted row that ends in its text; points and the front are drawn over it. */
function drawLevel(cells: Cell[][], row: number, text: string): void {
  const dots = '┈'.repeat(Math.max(0, (cells[row]?.length ?? 0) - text.length - 1));
  [...`${dots} ${text}`].forEach((character, column) => {
    putGlyph(cells, column, row, character, 'muted', -0.5);
  });
}

/** Draws the score interval of the layout under the cursor. */
function drawInterval(
  cells: Cell[][],
  cursor: NonNullable<PlotInput['cursor']>,
  toX: (value: number) => number,
  toY: (value: number) => number,
): void {
  const column = Math.round(toX(cursor.x)) >> 1;
  for (let row = Math.round(toY(cursor.high)) >> 2; row <= Math.round(toY(cursor.low)) >> 2; row++)
    putGlyph(cells, column, row, '│', 'strong', 1);
}

function spansOf(row: readonly Cell[]): Line {
  const spans: { text: string; role: Role }[] = [];
  for (const cell of row) {
    const last = spans.at(-1);
    if (last && last.role === cell.role) last.text += cell.text;
    else spans.push({ text: cell.text, role: cell.role });
  }
  return spans;
}

function xAxis(
  input: PlotInput,
  range: readonly [number, number],
  toX: (value: number) => number,
  margin: number,
  columns: number,
): Line[] {
  const longest = Math.max(input.xText(range[0]).length, input.xText(range[1]).length) + 3;
  const ticks = niceTicks(range, Math.max(2, Math.min(6, Math.floor(columns / longest))));
  const rule = Array.from({ length: columns }, () => '─');
  const labels = Array.from({ length: columns }, () => ' ');
  let free = 0;
  for (const tick of ticks) {
    const at = Math.round(toX(tick)) >> 1;
    const text = input.xText(tick);
    const from = Math.min(columns - text.length, Math.max(0, at - (text.length >> 1)));
    if (from < free) continue;
    rule[at] = '┬';
    [...text].forEach((character, index) => {
      labels[from + index] = character;
    });
    free = from + text.length + 1;
  }
  const indent = ' '.repeat(margin);
  const title = input.xTitle.length < columns ? input.xTitle.padStart(columns) : input.xTitle;
  return [
    [span(`${indent}└${rule.join('')}`, 'muted')],
    [span(`${indent} ${labels.join('')}`, 'muted')],
    [span(`${indent} ${title}`, 'muted')],
  ];
}

/** The range of the data with a margin of 4 %; a single value gets a range centred on it. */
function paddedRange(values: readonly number[]): [number, number] {
  const [low, high] = rangeOf(values);
  const room = (high - low) * 0.04 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

/** Multiples of 1, 2 or 5 times a power of ten within the range, about `count` of them. */
export function niceTicks([low, high]: readonly [number, number], count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

const decimalsOf = (ticks: readonly number[]): number =>
  Math.max(0, ...ticks.map((tick) => (String(tick).split('.')[1] ?? '').length));
