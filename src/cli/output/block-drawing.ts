/**
 * A block drawn in text: one line per step, lines at the left where a result is read later than by the next
 * step.
 */
import type { OperationRow } from '../../network/operation-rows.js';
import { compact } from './text-format.js';

interface Arc {
  readonly from: number;
  readonly to: number;
}

/** Column of each arc, so that no two overlap in one; short arcs lie inside, next to the steps. */
function columnsOf(arcs: readonly Arc[]): number[] {
  const columns: Arc[][] = [];
  const order = arcs
    .map((_, index) => index)
    .sort(
      (a, b) => arcs[a]!.to - arcs[a]!.from - (arcs[b]!.to - arcs[b]!.from) || arcs[a]!.from - arcs[b]!.from,
    );
  const result = new Array<number>(arcs.length).fill(0);
  for (const index of order) {
    const arc = arcs[index]!;
    let column = columns.findIndex((taken) =>
      taken.every((other) => other.to < arc.from || arc.to < other.from),
    );
    if (column < 0) column = columns.push([]) - 1;
    columns[column]!.push(arc);
    result[index] = column;
  }
  return result;
}

/** Ends of inner arcs, crossed by the stroke of an outer one. */
const crossings: Readonly<Record<string, string>> = { '╭': '┬', '╰': '┴' };

/** The gutter of one line: arcs that pass, begin (╭) or end (╰) there, with strokes to the step. */
function gutter(line: number, arcs: readonly Arc[], columns: readonly number[], width: number): string {
  const cells = new Array<string>(width).fill(' ');
  let stroke = -1; // from the outermost arc that begins or ends here
  arcs.forEach(({ from, to }, index) => {
    const at = width - 1 - columns[index]!;
    if (line > from && line < to) cells[at] = '│';
    if (line === from || line === to) {
      cells[at] = line === from ? '╭' : '╰';
      stroke = stroke < 0 ? at : Math.min(stroke, at);
    }
  });
  return (
    cells
      .map((cell, at) => {
        if (stroke < 0 || at < stroke) return cell;
        if (cell === ' ') return '─';
        if (cell === '│') return '┼';
        return at === stroke ? cell : crossings[cell]!;
      })
      .join('') + (stroke < 0 ? ' ' : '─')
  );
}

const kindText: Readonly<Record<string, string>> = {
  matmul: 'product',
  conv2d: 'convolution',
  depthwiseConv2d: 'depthwise convolution',
  conv2dTranspose: 'transposed convolution',
  batchNorm: 'batch norm',
  layerNorm: 'layer norm',
  maxPool: 'maximum pool',
  avgPool: 'mean pool',
  mul: 'times',
  sub: 'minus',
  add: 'plus',
  div: 'divided by',
  argMax: 'place of the maximum',
  scale: 'times a constant',
};

/** Lines of the drawing; shapes without the batch where it is 1. */
export function drawSteps(steps: readonly OperationRow[], input: readonly number[]): string[] {
  const arcs: Arc[] = [];
  const ends = new Map<number, number>();
  steps.forEach(({ from }, index) => {
    for (const source of from)
      if (source !== index) ends.set(source, Math.max(ends.get(source) ?? 0, index + 1));
  });
  for (const [from, to] of ends) arcs.push({ from, to });
  const columns = columnsOf(arcs);
  const width = Math.max(0, ...columns.map((column) => column + 1));
  const shapeText = (shape: readonly number[]): string =>
    (shape[0] === 1 && shape.length > 1 ? shape.slice(1) : shape).join('×');
  const rows = [
    { name: 'input', what: '', shape: input, macs: 0 },
    ...steps.map(({ scope, kind, shape, macs }) => ({
      name: scope,
      what: kindText[kind] ?? kind,
      shape,
      macs,
    })),
  ];
  const [nameWidth, whatWidth, shapeWidth] = [
    Math.max(...rows.map(({ name }) => name.length)),
    Math.max(...rows.map(({ what }) => what.length)),
    Math.max(...rows.map(({ shape }) => shapeText(shape).length)),
  ];
  // an arc that joins a step between its ends is read there too
  const reads = (line: number): string => {
    const step = steps[line - 1];
    const others = step?.from.filter((source) => source !== line - 1 && ends.get(source) !== line) ?? [];
    return others.length === 0
      ? ''
      : `  reads ${others.map((source) => (source === 0 ? 'input' : `line ${source}`)).join(', ')}`;
  };
  return rows.map(({ name, what, shape, macs }, line) => {
    const place = `${String(line).padStart(3)} ${gutter(line, arcs, columns, width)}`;
    const operation = `${name.padEnd(nameWidth)}  ${what.padEnd(whatWidth)}`;
    const cost = `${shapeText(shape).padStart(shapeWidth)}  ${(macs > 0 ? compact(macs) : '').padStart(6)}`;
    return `${place} ${operation}  ${cost}${reads(line)}`.trimEnd();
  });
}
