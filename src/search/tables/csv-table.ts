/**
 * A table of published results in CSV: one row per training of a network, or per epoch of it.
 *
 * - `layout` (stages joined by `-`, one letter a block), or one column `choice.NAME` per choice: the network.
 * - `seed` (optional): several rows of one network are its trainings.
 * - `epoch` (optional): values after that many epochs; the last epoch of a training is its result.
 * - `seconds` (optional): time of the training up to that row.
 * - every other column is a quantity: `NAME`, `NAME:higher`, `NAME:lower`, and `:exact` where a search may
 * know
 *   it without evaluation. Usual names need no direction (accuracy, top-1, macs, params, latency, loss …).
 */
import { parse } from 'csv-parse/sync';
import { UserError } from '../../util/errors.js';
import type { Gene } from '../candidate.js';
import { choiceSpace } from '../spaces/choice-space.js';
import type { BenchmarkTable, TableRun } from './benchmark-table.js';

interface Quantity {
  readonly name: string;
  readonly column: string;
  readonly better: 'higher' | 'lower';
  readonly exact: boolean;
}
type Row = Readonly<Record<string, string>>;

const higherNames = /^(.*[-_ ])?(top-?[15]|acc|accuracy|miou|map|score|fps|throughput|auc|f1)([-_ ].*)?$/i;
const exactNames =
  /^(.*[-_ ])?(m?macs|macs?|g?flops|madds|mult-?adds|params|parameters|size|activation-?bytes)([-_ ].*)?$/i;
const lowerNames =
  /^(.*[-_ ])?(loss|error|perplexity|latency|energy|memory|bytes|ms|peak-?bytes)([-_ ].*)?$/i;
const reserved = new Set(['layout', 'seed', 'epoch', 'seconds']);

/**
 * @param name shown in messages, such as the file's name
 * @param source URL and licence of the results
 * @throws UserError with line and column of the first entry that is wrong
 */
export function csvTable(text: string, name: string, source = name): BenchmarkTable {
  const rows = parsed(text, name);
  const columns = Object.keys(rows[0]!);
  const quantities = quantitiesOf(columns, name);
  const { genes, read } = geneReader(columns, rows, name);
  const numberAt = (row: Row, line: number, column: string): number => {
    const value = Number(row[column]);
    if (row[column]!.trim() === '' || !Number.isFinite(value))
      throw new UserError(
        `${name}:${line}: ${column} must be a finite number, got ${JSON.stringify(row[column])}`,
      );
    return value;
  };
  const trainings = new Map<string, { genes: readonly number[]; seeds: Map<string, Point[]> }>();
  rows.forEach((row, index) => {
    const line = index + 2;
    const own = read(row, line);
    const entry = trainings.get(own.join(',')) ?? { genes: own, seeds: new Map<string, Point[]>() };
    trainings.set(own.join(','), entry);
    const seed = row['seed'] ?? '';
    const points = entry.seeds.get(seed) ?? [];
    const epoch = row['epoch'] === undefined ? 1 : numberAt(row, line, 'epoch');
    if (points.some((point) => point.epoch === epoch))
      throw new UserError(
        `${name}:${line}: a network, seed and epoch must occur once, got ${own.join(',')} again`,
      );
    points.push({
      epoch,
      values: Object.fromEntries(quantities.map((q) => [q.name, numberAt(row, line, q.column)])),
      ...(row['seconds'] === undefined ? {} : { seconds: numberAt(row, line, 'seconds') }),
    });
    entry.seeds.set(seed, points);
  });
  const runs = new Map([...trainings].map(([key, { seeds }]) => [key, [...seeds.values()].map(runOf)]));
  const exactNamesHere = quantities.filter(({ exact }) => exact).map((quantity) => quantity.name);
  return {
    name,
    source,
    space: choiceSpace({
      name,
      genes,
      members: [...trainings.values()].map((entry) => entry.genes),
      exactOf: (own) => {
        const { values } = runs.get(own.join(','))![0]!;
        return Object.fromEntries(exactNamesHere.map((exact) => [exact, values[exact]!]));
      },
    }),
    quantities: Object.fromEntries(quantities.map((quantity) => [quantity.name, quantity.better])),
    runs: ({ genes: own }) => runs.get(own.join(','))!,
  };
}

interface Point {
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
  readonly seconds?: number;
}

function parsed(text: string, name: string): Row[] {
  let rows: Row[];
  try {
    rows = parse(text, { columns: true, skip_empty_lines: true, trim: true, bom: true }) as Row[];
  } catch (cause) {
    throw new UserError(`${name}: a table must be valid CSV, got ${(cause as Error).message}`, { cause });
  }
  if (rows.length === 0) throw new UserError(`${name}: a table needs at least one row, got none`);
  return rows;
}

function quantitiesOf(columns: readonly string[], name: string): Quantity[] {
  const quantities = columns
    .filter((column) => !reserved.has(column) && !column.startsWith('choice.'))
    .map((column): Quantity => {
      const [own = '', ...marks] = column.split(':');
      const wrong = marks.find((mark) => !['higher', 'lower', 'exact'].includes(mark));
      if (wrong !== undefined)
        throw new UserError(
          `${name}:1: a mark of a column must be higher, lower or exact, got ${JSON.stringify(wrong)}`,
        );
      const usual = usualDirection(own);
      const better = (marks.find((mark) => mark !== 'exact') as Quantity['better'] | undefined) ?? usual;
      if (better === undefined)
        throw new UserError(
          `${name}:1: the better direction of a quantity must be known, got ${JSON.stringify(column)}`,
          { fix: `name the column ${own}:higher or ${own}:lower` },
        );
      const exact = marks.length === 0 ? exactNames.test(own) : marks.includes('exact');
      return { name: own, column, better, exact };
    });
  if (quantities.length === 0)
    throw new UserError(
      `${name}:1: a table needs at least one quantity, got the columns ${columns.join(', ')}`,
    );
  return quantities;
}

function usualDirection(name: string): Quantity['better'] | undefined {
  if (higherNames.test(name)) return 'higher';
  return exactNames.test(name) || lowerNames.test(name) ? 'lower' : undefined;
}

/** Values of a choice: numbers by size, else texts by alphabet. */
function valuesOf(texts: Iterable<string>): string[] {
  const distinct = [...new Set(texts)];
  return distinct.every((text) => text !== '' && Number.isFinite(Number(text)))
    ? distinct.sort((a, b) => Number(a) - Number(b))
    : distinct.sort((a, b) => (a < b ? -1 : 1));
}

function geneReader(
  columns: readonly string[],
  rows: readonly Row[],
  name: string,
): { readonly genes: readonly Gene[]; read(row: Row, line: number): number[] } {
  const choices = columns.filter((column) => column.startsWith('choice.'));
  if (choices.length > 0 === columns.includes('layout'))
    throw new UserError(
      `${name}:1: a table needs either a column layout or columns choice.NAME, got ${columns.join(', ')}`,
    );
  const lengths: number[] = [];
  if (choices.length === 0)
    for (const row of rows)
      row['layout']!.split('-').forEach((stage, index) => {
        lengths[index] = Math.max(lengths[index] ?? 0, stage.length);
      });
  const names =
    choices.length > 0
      ? choices.map((column) => column.slice('choice.'.length))
      : lengths.flatMap((length, stage) =>
          Array.from({ length }, (_, block) => `stage ${stage + 1} block ${block + 1}`),
        );
  const textsOf = (row: Row): string[] => {
    if (choices.length > 0) return choices.map((column) => row[column]!);
    const stages = row['layout']!.split('-');
    return lengths.flatMap((length, stage) => [...(stages[stage] ?? '').padEnd(length, '.')]);
  };
  const values = names.map((_, gene) => valuesOf(rows.map((row) => textsOf(row)[gene]!)));
  const numbers = values.map((own) => new Map(own.map((text, value) => [text, value])));
  return {
    genes: names.map((gene, index) => ({
      name: gene,
      choices: values[index]!.length,
      labels: values[index]!,
    })),
    read: (row, line) =>
      textsOf(row).map((text, gene) => {
        if (text === '')
          throw new UserError(`${name}:${line}: ${names[gene]} must have a value, got an empty field`);
        return numbers[gene]!.get(text)!;
      }),
  };
}

function runOf(points: readonly Point[]): TableRun {
  const curve = [...points].sort((a, b) => a.epoch - b.epoch);
  const last = curve.at(-1)!;
  return {
    values: last.values,
    ...(last.seconds === undefined ? {} : { seconds: last.seconds }),
    ...(curve.length > 1
      ? { curve: curve.map(({ epoch, values }) => ({ share: epoch / last.epoch, values })) }
      : {}),
  };
}
